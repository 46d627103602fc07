// Reads the visible strings out of the sources: those that are translated, and those that should be and are not.
//
//   node maintain/strings.mjs     writes lib/chunkscope_lab.pot, which translators begin with; fails where a text is not translated

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const FOLDERS = ['widgets/src', 'labextension/src'];
const TEMPLATE = 'labextension/lib/chunkscope_lab.pot';

/** Attributes that people read or hear. */
const SPOKEN = new Set(['aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'title', 'placeholder', 'alt']);
/** Properties that people read. */
const SHOWN = new Set(['textContent', 'innerText', 'title', 'placeholder', 'ariaLabel', 'label', 'caption']);
/** Functions with the places of their arguments that people read; a child of `make` is one from the fourth on. */
const ARGUMENTS = new Map(Object.entries({
  button: [0, 1], say: [1], relabel: [1], fillText: [0], clipped: [1], success: [0], error: [0], info: [0]
}));
const TRANSLATE = new Set(['t', 'tn', 'mark']);
/** Functions whose texts are for the browser, not for people. */
const TECHNICAL = new Set([
  'querySelector', 'querySelectorAll', 'closest', 'matches', 'matchMedia', 'add', 'remove', 'toggle', 'contains', 'createElementNS',
  'getPropertyValue', 'read', 'setProperty', 'match', 'split', 'createComm', 'Path2D', 'startsWith', 'endsWith', 'includes'
]);
/** Prose wherever it stands: two words, or words around a value. */
const PROSE = /\p{L}{2,} \p{L}{2,}/u;
const UNITS = /^[\s\p{P}\d]*(ms|µs|ns|min|h|s|B|KiB|MiB|GiB|TiB|CPU)?[\s\p{P}\d]*$/u;
/** Names, and descriptions that only programmers read. */
const NAMES = new Set(['chunkscope', 'chunkscope recording', 'Run views']);
const DESCRIPTIONS = new Set(['description', 'displayName']);
const MACHINE = /^(<|from [\w.]+ import |lesson\.|cks|jp-|M\d|[.#]|\(|rgb|#|https?:)|cks-|var\(|px |px$|;|linear-gradient/u;
const LETTERS = /\p{L}{2,}/u;

export function sources() {
  const found = [];
  const walk = folder => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        walk(path);
      } else if (entry.name.endsWith('.ts')) {
        found.push(path);
      }
    }
  };
  FOLDERS.forEach(folder => walk(join(root, folder)));
  return found.map(path => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));
}

/** The translated strings of a file, and the places where one is missing. */
export function read({ path, text }) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const strings = [];
  const missing = [];
  const line = node => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const blame = node => {
    for (const literal of literals(node)) {
      missing.push({ path, line: line(literal), text: literal.getText().slice(0, 80) });
    }
  };
  const visit = node => {
    if (ts.isCallExpression(node)) {
      const name = nameOf(node.expression);
      if (TRANSLATE.has(name)) {
        const keys = node.arguments.slice(0, name === 'tn' ? 2 : 1);
        if (keys.every(ts.isStringLiteralLike)) {
          strings.push({ path, line: line(node), keys: keys.map(key => key.text) });
        } else if (keys.some(key => ts.isTemplateExpression(key) || ts.isBinaryExpression(key))) {
          missing.push({ path, line: line(node), text: `${name}() of a text that is put together` });
        }
      } else if (name === 'make') {
        node.arguments.slice(3).forEach(blame);
        const attributes = node.arguments[2];
        if (attributes && ts.isObjectLiteralExpression(attributes)) {
          attributes.properties.filter(one => ts.isPropertyAssignment(one) && SPOKEN.has(keyOf(one.name))).forEach(one => blame(one.initializer));
        }
      } else if (name === 'setAttribute' && node.arguments[0] && ts.isStringLiteralLike(node.arguments[0]) && SPOKEN.has(node.arguments[0].text)) {
        blame(node.arguments[1]);
      } else if (ARGUMENTS.has(name)) {
        ARGUMENTS.get(name).map(place => node.arguments[place]).filter(Boolean).forEach(blame);
      }
    } else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken
      && ts.isPropertyAccessExpression(node.left) && SHOWN.has(node.left.name.text)) {
      blame(node.right);
    } else if (ts.isNewExpression(node) && nameOf(node.expression) === 'Error' && path.startsWith('labextension') && node.arguments?.[0]) {
      blame(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const seen = new Set(missing.map(one => one.line));
  prose(file).forEach(node => {
    if (!seen.has(line(node))) {
      missing.push({ path, line: line(node), text: node.getText().slice(0, 80) });
    }
  });
  return { strings, missing };
}

/** The literals with words that an expression may come to: not those that it compares with or hands on. */
function literals(node) {
  if (ts.isStringLiteralLike(node)) {
    return LETTERS.test(node.text) && !NAMES.has(node.text) ? [node] : [];
  }
  if (ts.isTemplateExpression(node)) {
    const spoken = [node.head, ...node.templateSpans.map(span => span.literal)].some(part => LETTERS.test(part.text) && !UNITS.test(part.text));
    return spoken ? [node] : node.templateSpans.flatMap(span => literals(span.expression));
  }
  if (ts.isConditionalExpression(node)) {
    return [...literals(node.whenTrue), ...literals(node.whenFalse)];
  }
  if (ts.isBinaryExpression(node)) {
    const kinds = [ts.SyntaxKind.PlusToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken];
    return kinds.includes(node.operatorToken.kind) ? [...literals(node.left), ...literals(node.right)] : [];
  }
  if (ts.isParenthesizedExpression(node) || ts.isSpreadElement(node) || ts.isAsExpression(node)) {
    return literals(node.expression);
  }
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
    return literals(node.body);
  }
  return ts.isArrayLiteralExpression(node) ? node.elements.flatMap(literals) : [];
}

/** The literals of a file that read like prose, wherever they stand; texts of errors inside the views are for programmers. */
function prose(file) {
  const found = [];
  const visit = node => {
    if (ts.isPropertyAssignment(node) && DESCRIPTIONS.has(keyOf(node.name)) || ts.isNewExpression(node) && nameOf(node.expression) === 'Token') {
      return;
    }
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node) || ts.isCaseClause(node) && ts.isStringLiteral(node.expression) && node.statements.length === 0) {
      return;
    }
    if ((ts.isCallExpression(node) || ts.isNewExpression(node))) {
      const name = nameOf(node.expression);
      if (TRANSLATE.has(name) || TECHNICAL.has(name) || name === 'Error') {
        node.arguments?.filter(one => !ts.isStringLiteralLike(one) && !ts.isTemplateExpression(one)).forEach(visit);
        return;
      }
    }
    if (ts.isStringLiteralLike(node) && PROSE.test(node.text) && !NAMES.has(node.text) && !MACHINE.test(node.text)) {
      found.push(node);
    }
    if (ts.isTemplateExpression(node)) {
      const parts = [node.head, ...node.templateSpans.map(span => span.literal)].map(part => part.text);
      if (!parts.every(part => UNITS.test(part)) && parts.some(part => /(^|[\s(])\p{L}{2,}([\s).,:]|$)/u.test(part)) && !MACHINE.test(parts.join(' '))) {
        found.push(node);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function nameOf(expression) {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : ts.isIdentifier(expression) ? expression.text : '';
}

function keyOf(name) {
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : '';
}

/** The template that translators begin with. */
export function template(strings) {
  const messages = new Map();
  for (const { path, line, keys } of strings) {
    const known = messages.get(keys.join('\0')) ?? { keys, places: [] };
    known.places.push(path);
    messages.set(keys.join('\0'), known);
  }
  const quote = text => JSON.stringify(text);
  const blocks = [...messages.values()].sort((a, b) => (a.keys[0] < b.keys[0] ? -1 : 1)).map(({ keys, places }) => {
    const head = `#: ${[...new Set(places)].join(' ')}\nmsgid ${quote(keys[0])}\n`;
    return head + (keys.length === 2 ? `msgid_plural ${quote(keys[1])}\nmsgstr[0] ""\nmsgstr[1] ""\n` : 'msgstr ""\n');
  });
  const head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n';
  return [head, ...blocks].join('\n');
}

export function everything() {
  const found = sources().map(read);
  return { strings: found.flatMap(one => one.strings), missing: found.flatMap(one => one.missing) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { strings, missing } = everything();
  for (const { path, line, text } of missing) {
    console.error(`${path}:${line} is not translated: ${text}`);
  }
  const path = join(root, TEMPLATE);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, template(strings));
  console.log(`${strings.length} strings are in ${TEMPLATE}, ${missing.length} are not translated`);
  process.exitCode = missing.length ? 1 : 0;
}
