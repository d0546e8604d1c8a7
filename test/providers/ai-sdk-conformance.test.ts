import { wireConformance } from "../conformance/provider-suite.ts";
import { aiSdkFixture } from "./ai-sdk-fixture.ts";
import { useServer } from "./server.ts";

useServer();

wireConformance(aiSdkFixture);
