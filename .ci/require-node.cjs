// Ends a test run that would fail in a hundred odd ways: npm scripts find the Node of the `node` package first, if it was installed.

const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`The tests need Node 22.18 or newer and found ${process.versions.node}: run npm ci without --ignore-scripts, which brings a Node of its own.`);
  process.exit(1);
}
