// Starts `selfsame lsp` for CDL files. Without the server colours and brackets go on working.
const { workspace, window } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function activate() {
  const [command, ...args] = workspace.getConfiguration("selfsame").get("command");
  const root = workspace.workspaceFolders?.[0]?.uri.fsPath;
  client = new LanguageClient(
    "selfsame-cdl",
    "CDL",
    { command, args, options: { cwd: root } },
    { documentSelector: [{ language: "cdl" }] },
  );
  try {
    await client.start();
  } catch (error) {
    window.showWarningMessage(
      `CDL: ${command} could not be started (${error.message}). ` +
        "Install it with: pip install 'selfsame[lsp]', or set selfsame.command.",
    );
  }
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
