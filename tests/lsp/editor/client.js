// Drives a language server with the protocol library of VS Code's own client; prints what it says.
const { spawn } = require("child_process");
const protocol = require("vscode-languageserver-protocol/node");

const [, , folder, text, ...command] = process.argv;
const uri = `file://${folder}/shop.cdl`;
const server = spawn(command[0], command.slice(1), { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
const connection = protocol.createProtocolConnection(
  new protocol.StreamMessageReader(server.stdout),
  new protocol.StreamMessageWriter(server.stdin),
);
const mistakes = new Promise((resolve) =>
  connection.onNotification(protocol.PublishDiagnosticsNotification.type, (said) =>
    resolve(said.diagnostics),
  ),
);
connection.listen();

async function main() {
  const { capabilities } = await connection.sendRequest(protocol.InitializeRequest.type, {
    processId: process.pid,
    rootUri: `file://${folder}`,
    workspaceFolders: [{ uri: `file://${folder}`, name: "shop" }],
    capabilities: { textDocument: { completion: {}, hover: {}, definition: {} } },
  });
  await connection.sendNotification(protocol.InitializedNotification.type, {});
  await connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: "cdl", version: 1, text },
  });
  const diagnostics = await mistakes;
  const at = (line, character) => ({ textDocument: { uri }, position: { line, character } });
  const completion = await connection.sendRequest(protocol.CompletionRequest.type, at(1, 4));
  const hover = await connection.sendRequest(protocol.HoverRequest.type, at(1, 6));
  const definition = await connection.sendRequest(protocol.DefinitionRequest.type, at(0, 14));
  await connection.sendRequest(protocol.ShutdownRequest.type);
  await connection.sendNotification(protocol.ExitNotification.type);
  const items = Array.isArray(completion) ? completion : completion.items;
  const labels = items.map((item) => item.label);
  console.log(JSON.stringify({ capabilities, diagnostics, labels, hover, definition }));
  server.on("exit", (code) => process.exit(code ?? 1));
}

main().catch((error) => {
  console.error(error);
  server.kill();
  process.exit(1);
});
