// Tokens of CDL texts by VS Code's own tokeniser: [[text, scope], ...] for each line, as JSON.
const fs = require("fs");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const [, , grammarFile, ...files] = process.argv;
const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer;
const onigLib = oniguruma.loadWASM(wasm).then(() => ({
  createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
  createOnigString: (text) => new oniguruma.OnigString(text),
}));
const registry = new textmate.Registry({
  onigLib,
  loadGrammar: async () =>
    textmate.parseRawGrammar(fs.readFileSync(grammarFile, "utf8"), grammarFile),
});

registry.loadGrammar("source.cdl").then((grammar) => {
  const found = files.map((file) => {
    let state = textmate.INITIAL;
    return fs.readFileSync(file, "utf8").split("\n").flatMap((line) => {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
      state = ruleStack;
      return tokens.map((t) => [line.slice(t.startIndex, t.endIndex), t.scopes.at(-1)]);
    });
  });
  console.log(JSON.stringify(found));
});
