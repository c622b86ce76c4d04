import { Composer, type CST, type Document, Lexer, type LineCounter, Parser, YAMLParseError } from "yaml";

/** Most mappings and lists inside one another. The grammar needs a dozen; each level costs the parser stack. */
const deepest = 64;

/** The text nests deeper than any config does. */
export class TooDeep extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super(`nested deeper than ${deepest} levels`);
    this.name = "TooDeep";
    this.offset = offset;
  }
}

/**
 * Parses one YAML 1.2 document; syntax errors are in the document. Throws TooDeep before anything recursive sees the text: a
 * stack that is nearly full can end the process inside V8 (a regular expression that cannot be compiled), beyond any catch.
 */
export function composeYaml(text: string, lines: LineCounter): Document.Parsed {
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, version: "1.2", logLevel: "silent" });
  const [document, second] = [...composer.compose(tokensOf(text, lines), true, text.length)];
  if (document === undefined) throw new Error("the parser gave no document");
  if (second !== undefined) {
    document.errors.push(new YAMLParseError([second.range[0], second.range[1]], "MULTIPLE_DOCS", "a second document"));
  }
  return document;
}

function tokensOf(text: string, lines: LineCounter): CST.Token[] {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > deepest) throw new TooDeep(parser.offset);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}
