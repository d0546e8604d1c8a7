import { socketConformance } from "../conformance/provider-sockets.ts";
import { aiSdkFixture } from "./ai-sdk-fixture.ts";

// Without the mocked network: aborts and broken lines are only true on a real socket.
socketConformance(aiSdkFixture);
