// Exercises that answer without a kernel: reads a formula, judges it at points, replies.
// The language is that of backprop_lib/exercises: tests/formula_cases.json holds for both.
const exercises = (() => {
  const GREEK = {}, GREEK_WORDS = { varepsilon: "epsilon" }, FUNCTIONS = {};
  const greek = "αalpha βbeta γgamma δdelta εepsilon ϵepsilon ζzeta ηeta θtheta ϑtheta "
    + "ιiota κkappa λlambda μmu νnu ξxi οomicron πpi ρrho σsigma τtau υupsilon φphi ϕphi "
    + "χchi ψpsi ωomega ℓell ΓGamma ΔDelta ΘTheta ΛLambda ΞXi ΠPi ΦPhi ΨPsi ΩOmega";
  for (const pair of greek.split(" ")) {
    const name = pair.slice(1);
    GREEK_WORDS[name] = GREEK[pair[0]] = name;
  }
  for (const words of ["sigma sigmoid logistic", "log ln", "max Max", "min Min", "abs Abs",
    "exp", "sqrt", "tanh", "sin", "cos"])
    for (const word of words.split(" ")) FUNCTIONS[word] = words.split(" ")[0];
  const SIGNS = { "+": "+", "-−–": "-", "*·⋅×∗•": "*", "/÷∕": "/", "^": "^" };
  const FRACTIONS = { "½": [1, 2], "⅓": [1, 3], "⅔": [2, 3], "¼": [1, 4], "¾": [3, 4],
    "⅛": [1, 8] };
  const RAISED = "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", LOWERED = "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₐ";
  const CLOSING = { "(": ")", "[": "]", "{": "}" };
  const SKIPPED = /(?:[\s\u200b\u2061-\u2063&]|\\[,;:! ]|\\(?:left|right|q?quad|displaystyle)(?![A-Za-z]))*/y;
  const STYLE = /\\(?:mathit|mathrm|text|operatorname)\{([A-Za-z]+)\}/y;
  const COMMAND = /\\([A-Za-z]+)/y, LETTERS = /[A-Za-z]+/y;
  const LAYER = /\^(?:\((\d+)\)|\{\((\d+)\)\})/y;
  const HEAD = /_\s*(?:([A-Za-z])(?![A-Za-z0-9])|\{\s*([A-Za-z])\s*(?:=\s*(\d+)\s*(?:\.\.\s*([A-Za-z]+)\s*)?)?\})(?:\s*\^\s*(?:\{\s*([A-Za-z]+)\s*\}|([A-Za-z]+)))?/y;
  const has = Object.hasOwn;
  const refuse = (code, place) => { throw { code, place }; };

  // --- a text into tokens: {kind, value, place, more} ---
  function lex(text, { names, index: widths = {}, quantity = {} }) {
    const found = [], knows = (name) => has(names, name) && !has(quantity, name);
    const euler = !knows("e"), sums = Object.keys(widths).length > 0;
    let at = 0;
    const add = (kind, value, place, more) => found.push({ kind, value, place, more });
    const eat = (pattern) => {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match) at += match[0].length;
      return match;
    };
    const skip = () => eat(SKIPPED);
    // whether what a text of one or more characters asks for stands here
    const take = (characters) => at < text.length && characters.includes(text[at]) && ++at;

    function below(word) {
      const start = at;
      if (take("_")) {
        const behind = at;
        skip();
        if (text[at] === "{") return braced("}", start);
        at = behind;
        return [(eat(/[A-Za-z0-9]+/y) ?? refuse("index", start))[0], "run"];
      }
      if (text[at] === "[" && has(quantity, word)) return braced("]", start);
      while (take(LOWERED));
      if (at > start)
        return [[...text.slice(start, at)]
          .map((c) => "0123456789ijklmna"[LOWERED.indexOf(c)]).join(""), "below"];
      const digits = eat(/\d+/y);
      return digits ? [digits[0], "digits"] : [null];
    }

    function braced(closing, start) {
      const end = text.indexOf(closing, at);
      if (end < 0) refuse("open", at);
      const inside = text.slice(at + 1, end).replaceAll("−", "-")
        .replace(/[\s\u200b\u2061-\u2063]/g, "");
      if (!/^[A-Za-z0-9+,-]+$/.test(inside)) refuse("index", start);
      at = end + 1;
      return [sums ? inside : inside.replaceAll(",", ""), "braces"];
    }

    // An index: its text, or null, and how it was written. A layer stands above, before it
    // or behind it, and is read only where there is a letter of that name.
    function index(word) {
      const start = at, first = eat(LAYER);
      const layered = (lower, layer) => `${lower}^(${layer[1] ?? layer[2]})`;
      if (first) {
        const [lower, how] = below(word), name = layered(lower, first);
        if (knows(`${word}_${name}`)) return [name, how];
        at = start;
      }
      const [lower, how] = below(word), end = at, last = eat(LAYER);
      if (last && knows(`${word}_${layered(lower, last)}`)) return [layered(lower, last), how];
      at = end;
      return [lower, how];
    }

    const kindOf = (word) => knows(word) ? "LETTER" : has(FUNCTIONS, word) ? "FUNC"
      : word === "pi" ? "PI" : word === "e" && euler ? "EULER" : null;

    const joined = (piece, index, how) =>
      [`${piece}_${index}`, how === "digits" && piece + index].find((n) => n && knows(n));

    // The pieces of a run of letters, the longest first; the last takes the index.
    function split(word, index, how) {
      for (let length = word.length; length; length--) {
        const piece = word.slice(0, length), rest = word.slice(length);
        if (rest) {
          const others = knows(piece) && split(rest, index, how);
          if (others) return [["LETTER", piece, length], ...others];
        } else if (index === null) {
          const kind = kindOf(piece);
          if (kind) return [[kind, kind === "FUNC" ? FUNCTIONS[piece] : piece, length]];
        } else {
          const name = joined(piece, index, how);
          if (name) return [["LETTER", name, length]];
        }
      }
      return null;
    }

    function addRun(pieces, place) {
      for (const [kind, name, length] of pieces) {
        add(kind, name, place);
        place += length;
      }
    }

    function word(word, place, pieces, backslash) {
      const behind = at;
      let [below, how] = index(word);
      if (has(quantity, word)) return entry(word, below, place);
      if (below === null) {
        const kind = kindOf(word);
        if (kind)
          return add(kind, kind === "FUNC" ? FUNCTIONS[word] : word, place, backslash);
        return addRun(pieces && split(word, null) || refuse("unknown", place), place);
      }
      if (how === "braces") below = below.replaceAll(",", "");
      const name = joined(word, below, how);
      if (name) return add("LETTER", name, place);
      if (how === "run")
        for (let length = below.length - 1; length; length--)
          if (knows(`${word}_${below.slice(0, length)}`)) {
            at -= below.length - length;
            return add("LETTER", `${word}_${below.slice(0, length)}`, place);
          }
      const head = pieces && split(word, below, how);
      if (head) return addRun(head, place);
      if (how === "digits" && (knows(word) || pieces && split(word, null)))
        refuse("digits", behind);
      refuse("unknown", place);
    }

    function entry(word, index, place) {
      const parts = index?.includes(",") ? index.split(",") : [index ?? ""], places = [];
      const one = parts.length > 1 ? "\\d+" : "\\d";
      for (const part of parts) {
        const all = part.matchAll(RegExp(`([A-Za-z]|${one})([+-]\\d+)?`, "g"));
        let end = 0;
        for (const match of all) {
          if (match.index !== end) refuse("index", place);
          end += match[0].length;
          places.push([match[1], Number(match[2] ?? 0)]);
        }
        if (end !== part.length) refuse("index", place);
      }
      const axes = quantity[word];
      if (places.length !== axes.length || !places.every(([letter], k) =>
        /^\d/.test(letter) || has(widths, letter) && widths[letter] === axes[k]))
        refuse("index", place);
      add("ENTRY", word, place, places);
    }

    function sum(place) {
      if (!sums) refuse("unknown", place);
      skip();
      const [, bare, inside, first, ...lasts] = eat(HEAD) ?? refuse("limits", place);
      const letter = bare ?? inside, last = lasts.find(Boolean);
      if (!has(widths, letter)
        || (first ?? last) && (first !== "1" || last !== widths[letter]))
        refuse("limits", place);
      add("SUM", letter, place);
    }

    function partial() {
      return (take("∂") || eat(/\\partial(?![A-Za-z])/y)) && (skip(), true);
    }

    function plainWord() {
      if (has(GREEK, text[at] ?? "")) return GREEK[text[at++]];
      const style = eat(STYLE);
      if (style) return style[1];
      const start = at, command = eat(COMMAND);
      if (command && has(GREEK_WORDS, command[1])) return GREEK_WORDS[command[1]];
      at = start;
      return eat(LETTERS)?.[0];
    }

    function known(word) {
      const [below] = index(word);
      if (below === null) return knows(word) && word;
      return joined(word, below, "digits");
    }

    // The one letter of a derivative, at whose sign `place` is.
    function lower(place) {
      const start = at, word = plainWord() ?? refuse("derivative", place);
      return known(word) || refuse("unknown", start);
    }

    function expect(character, place) {
      skip();
      take(character) || refuse("derivative", place);
      skip();
    }

    function derivative(place) {
      partial();
      const upper = lower(place);
      expect("/÷∕", place);
      partial() || refuse("derivative", place);
      add("DERIV", [upper, lower(place)], place);
    }

    function fraction(place) {
      skip();
      const inside = at;
      take("{") || refuse("call", place);
      skip();
      if (!partial()) {
        at = inside;
        return add("FRAC", "/", place);
      }
      const upper = lower(place);
      expect("}", place);
      expect("{", place);
      partial() || refuse("derivative", place);
      add("DERIV", [upper, lower(place)], place);
      expect("}", place);
    }

    // Read dL/dw, if that is what stands here.
    function leibniz() {
      const place = at, names = [];
      if (knows("d")) return false;
      for (const sign of ["d", "/d"]) {
        const fits = [...sign].every((c) => (skip(), take(c)));
        const word = fits && plainWord();
        let name;
        try {
          name = word && known(word);
        } catch { /* a bad index: no derivative */ }
        if (!name) {
          at = place;
          return false;
        }
        names.push(name);
      }
      add("DERIV", names, place);
      return true;
    }

    function command(place) {
      const style = eat(STYLE);
      if (style) return word(style[1], place, false, true);
      const name = (eat(COMMAND) ?? refuse("character", place))[1];
      if (name === "cdot" || name === "times") return add("*", "*", place);
      if (/^[lr]?vert$/.test(name)) return add("BAR", "|", place);
      if (name === "partial") {
        at = place;
        return derivative(place);
      }
      if (name === "sum") return sum(place);
      if (/^[dt]?frac$/.test(name)) return fraction(place);
      if (name === "sqrt") {
        const behind = at;
        skip();
        if (text[at] === "[")
          return add("FUNC", `root${(eat(/\[([2-9])\]/y) ?? refuse("call", place))[1]}`,
            place);
        at = behind;
      }
      if (!has(GREEK_WORDS, name) && !has(FUNCTIONS, name)) refuse("unknown", place);
      word(has(GREEK_WORDS, name) ? GREEK_WORDS[name] : name, place, false, true);
    }

    function number(place) {
      eat(/\d+(?:\.\d*)?|\.\d+/y) ?? refuse("character", place);
      if (euler) eat(/[eE][+-]?\d+/y);
      if (text[at] === "." || at - place > 20) refuse("number", place);
      add("NUMBER", text.slice(place, at), place);
    }

    function raised(place) {
      while (take(RAISED));
      const run = [...text.slice(place, at)].map((c) => "+-0123456789"[RAISED.indexOf(c)])
        .join("");
      if (!/^[+-]?\d+$/.test(run) || run.length > 20) refuse("character", place);
      add("SUP", run, place);
    }

    for (skip(); at < text.length; skip()) {
      const place = at, c = text[at];
      const sign = Object.keys(SIGNS).find((signs) => signs.includes(c));
      if (/[\d.]/.test(c)) number(place);
      else if (eat(/\*\*/y)) add("^", "^", place);
      else if (RAISED.includes(c)) raised(place);
      else if (c === "\\") command(place);
      else if (c === "∂") derivative(place);
      else if (/[A-Za-z]/.test(c)) {
        if (c !== "d" || !leibniz()) word(eat(LETTERS)[0], place, true);
      } else {
        at++;
        if (has(FRACTIONS, c)) add("NUMBER", c, place);
        else if (sign) add(SIGNS[sign], c, place);
        else if (has(CLOSING, c)) add("OPEN", c, place);
        else if (")]}".includes(c)) add("CLOSE", c, place);
        else if (c === "|") add("BAR", c, place);
        else if (c === ",") add("COMMA", c, place);
        else if ("=≈<>≤≥≠:".includes(c)) refuse("equals", place);
        else if (c === "√") add("FUNC", "sqrt", place, true);
        else if ("∑Σ".includes(c)) sum(place);
        else if (has(GREEK, c)) word(GREEK[c], place);
        else refuse("character", place);
      }
    }
    return found;
  }

  // --- tokens in an order that can be parsed, or the first that cannot be ---
  function scan(tokens, length) {
    const found = [], open = [];
    let at = 0, wanted = true, divided = false;
    const peek = (ahead = 0) => tokens[at + ahead] ?? { kind: "END" };

    function push(token, owner, group) {
      if (open.length === 40) refuse("deep", token.place);
      open.push({ kind: token.value, place: token.place, owner, group, divided, commas: 0 });
      found.push({ ...token, kind: token.value === "|" ? "BAROPEN" : "OPEN" });
      wanted = true;
      divided = false;
    }

    function pop(token) {
      const last = open.pop();
      found.push(token);
      wanted = false;
      divided = last.divided;
      return last;
    }

    function half(token, group) {
      const brace = peek();
      if (brace.value !== "{") refuse("call", token.place);
      at++;
      push(brace, token, group);
    }

    function power() {
      const [first, second, third, fourth] = [0, 1, 2, 3].map(peek);
      if (first.kind === "SUP" && /^\d/.test(first.value)) return [first, 1];
      if (first.kind !== "^") return [undefined, 0];
      if (second.kind === "NUMBER") return [second, 2];
      return second.value === "{" && third.kind === "NUMBER" && fourth.kind === "CLOSE"
        ? [third, 4] : [undefined, 0];
    }

    function call(token) {
      const [raised, taken] = power(), next = peek(taken);
      if (next.kind === "OPEN") {
        at += taken + 1;
        found.push({ ...token, more: raised });
        push(next, token);
      } else if ((token.more || token.value === "sqrt") && !raised
        && /^(NUMBER|LETTER|ENTRY|DERIV)$/.test(next.kind)) {
        at++;
        found.push({ ...token, kind: "FUNC1" }, next);
        wanted = false;
      } else refuse("call", token.place);
    }

    function operand(token) {
      const { kind, place } = token;
      if (kind === "OPEN") push(token);
      else if (kind === "FUNC") call(token);
      else if (/^(NUMBER|LETTER|ENTRY|DERIV|EULER|PI)$/.test(kind)) {
        found.push(token);
        wanted = false;
      } else if (/^([+-]|SUM|FRAC)$/.test(kind)) {
        found.push(token);
        if (kind === "FRAC") half(token, 1);
      } else refuse("missing", place);
    }

    const several = (owner) => owner?.value === "max" || owner?.value === "min";

    function behind(token) {
      const { kind, place } = token, last = open.at(-1);
      if (/^[-+*/^]$/.test(kind)) {
        found.push(token);
        wanted = true;
        if (kind !== "^") divided = kind === "/";
      } else if (kind === "SUP") found.push(token);
      else if (kind === "COMMA") {
        if (!several(last?.owner)) refuse("comma", place);
        last.commas++;
        found.push(token);
        wanted = true;
        divided = false;
      } else if (kind === "NUMBER") refuse("digits", place);
      else {
        if (divided) refuse("ambiguous", place);
        found.push({ kind: "*", place });
        wanted = true;
        operand(token);
      }
    }

    while (at < tokens.length) {
      const token = tokens[at++], { kind, place } = token, top = open.at(-1);
      if (kind === "BAR" && wanted) push(token);
      else if (kind === "BAR" && top?.kind === "|") pop({ ...token, kind: "CLOSE" });
      else if (kind === "BAR" || kind === "CLOSE") {
        if (!top || CLOSING[top.kind] !== token.value) refuse("close", place);
        if (wanted) refuse("missing", place);
        const { owner, group, commas } = pop(token);
        if (group === 1) half(owner, 2);
        else if (several(owner) && !commas) refuse("arguments", owner.place);
      } else if (wanted) operand(token);
      else behind(token);
    }
    if (wanted) refuse("missing", length);
    if (open.length) refuse("open", open.at(-1).place);
    return found;
  }

  // --- a tree: {kind, parts, value, place} ---
  function parse(tokens) {
    let at = 0;
    const is = (...kinds) => kinds.includes(tokens[at]?.kind);
    const node = (kind, place, ...parts) =>
      ({ kind, place, parts: parts.map(ended) });
    const leaf = (kind, value, place) => ({ kind, value, place, parts: [] });
    const ended = (one) => one.kind === "euler"
      ? node("exp", one.place, leaf("number", "1", one.place)) : one;
    const number = (text, place) => text[0] === "-"
      ? node("neg", place, number(text.slice(1), place))
      : leaf("number", text.replace("+", text[0] === "+" ? "" : "+"), place);
    const power = (base, exponent, place) => base.kind === "euler"
      ? node("exp", base.place, exponent) : node("^", place, base, exponent);

    // signs before what `inner` reads
    function signed(inner) {
      if (!is("+", "-")) return inner();
      const { kind, place } = tokens[at++], rest = signed(inner);
      return kind === "-" ? node("neg", place, rest) : rest;
    }
    function chain(kinds, first, next) {
      let left = first();
      while (is(...kinds)) {
        const { kind, place } = tokens[at++];
        left = node(kind, place, left, next());
      }
      return left;
    }
    const sum = () => chain(["+", "-"], term, term);
    const term = () => signed(product);
    const product = () => chain(["*", "/"], raised, () => signed(raised));
    function raised() {
      let base = atom();
      while (is("SUP")) {
        const { value, place } = tokens[at++];
        base = power(base, number(value, place), place);
      }
      if (!is("^")) return base;
      const { place } = tokens[at++];
      return power(base, signed(raised), place);
    }
    function inside() {
      const parts = [];
      do {
        at++;
        parts.push(sum());
      } while (is("COMMA"));
      at++;
      return parts;
    }
    function called({ value, place, more }, parts) {
      if (value.startsWith("root"))
        return node("^", place, ...parts, node("/", place, number("1", place),
          number(value[4], place)));
      const one = node(value, place, ...parts);
      return more?.kind ? node("^", more.place, one, number(more.value, more.place)) : one;
    }
    function atom() {
      const token = tokens[at++], { kind, value, place, more } = token;
      if (kind === "NUMBER" && has(FRACTIONS, value))
        return node("/", place, ...FRACTIONS[value].map((n) => number(`${n}`, place)));
      if (kind === "NUMBER") return number(value, place);
      if (kind === "LETTER") return leaf("letter", value, place);
      if (kind === "DERIV") return leaf("D", value, place);
      if (kind === "ENTRY") return leaf("at", [value, more], place);
      if (kind === "EULER" || kind === "PI") return leaf(kind.toLowerCase(), "", place);
      if (kind === "FUNC1") return node(value, place, atom());
      if (kind === "FUNC") return called(token, inside());
      if (kind === "FRAC") return node("/", place, ...inside(), ...inside());
      if (kind === "SUM") return { ...node("sum", place, term()), value };
      at--;
      const [inner] = inside();
      return kind === "BAROPEN" ? node("abs", place, inner) : ended(inner);
    }
    return ended(sum());
  }

  const all = (node) => [node, ...node.parts.flatMap(all)];
  const isConstant = (node) =>
    all(node).every(({ kind }) => !/^(letter|D|at|sum)$/.test(kind));

  // --- what is too large, or has no value ---
  function check(node, size, bound) {
    const { kind, parts, value, place } = node;
    if (kind === "^") {
      const numbers = all(parts[1]).filter((n) => n.kind === "number");
      size *= Math.max(1, ...numbers.map((n) => Number(n.value)));
      if (size > 64) refuse("power", place);
      check(parts[0], size, bound);
      check(parts[1], 1, bound);
      tower(parts[1]);
    } else if (kind === "sum") {
      if (bound.includes(value)) refuse("limits", place);
      check(parts[0], size, [...bound, value]);
    } else for (const part of parts) check(part, size, bound);
    if (kind === "at"
      && !value[1].every(([letter]) => /^\d/.test(letter) || bound.includes(letter)))
      refuse("index", place);
    if (!parts.length || !isConstant(node) || isFinite(valueOf(node))) return;
    const [base, second] = parts.map((part) => valueOf(part));
    refuse(kind === "/" && second === 0 || kind === "^" && base === 0 && second < 0
      ? "zero" : "value", place);
  }

  function tower(node) {
    node.parts.forEach(tower);
    if (node.kind === "^") refuse("tower", node.place);
  }

  function checkDepth(node, level) {
    if (level > 100) refuse("deep", node.place);
    for (const part of node.parts) checkDepth(part, level + 1);
  }

  // What was typed, as a tree; or a refusal {code, place} is thrown.
  function read(text, letters) {
    if (/^[\s\u200b\u2061-\u2063]*$/.test(text)) refuse("empty", 0);
    if ([...text].length > 500) refuse("long", 500);
    const plain = text.replace(/[\u{1d400}-\u{1d7ff}]/gu, (c) => c.normalize("NFKC"));
    const node = parse(scan(lex(plain, letters), plain.length));
    checkDepth(node, 1);
    check(node, 1, letters.free ?? []);
    return node;
  }

  const OPERATIONS = {
    "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
    "^": (a, b) => a ** b, neg: (a) => -a,
    sigma: (x) => x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)),
  };

  // A value at a point, or NaN. `letters` says what letters and derivatives are there.
  function valueOf(node, letters) {
    const { kind, value } = node;
    if (kind === "number") return isFinite(value) ? Number(value) : NaN;
    if (kind === "pi") return Math.PI;
    if (kind === "letter") return letters(value);
    if (kind === "D")
      return letters(`∂${value[0]}/∂${value[1]}`) ?? Number(value[0] === value[1]);
    const parts = node.parts.map((part) => valueOf(part, letters));
    const found = parts.every(isFinite) ? (OPERATIONS[kind] ?? Math[kind])(...parts) : NaN;
    return isFinite(found) ? found : NaN;
  }

  function latex(node, { names, derivatives = {}, quantity = {} }) {
    const knows = (name) => has(names, name) && !has(quantity, name);
    const levels = { "+": 1, "-": 1, neg: 2, "*": 3, sum: 3 };
    const bound = (one, level) => (levels[one.kind] ?? 4) < level
      ? `\\left(${write(one)}\\right)` : write(one);
    const plain = ({ kind, value }, text) => kind === "number" ? !/e/i.test(value)
      : /^(letter|pi)$/.test(kind) && !text.includes("^");

    function write({ kind, value, parts }) {
      const [a, b] = parts;
      switch (kind) {
        case "number": {
          const [head, power] = value.toLowerCase().split("e");
          return power ? `${head} \\cdot 10^{${power.replace(/^\++/, "")}}` : head;
        }
        case "letter": return names[value];
        case "pi": return "\\pi";
        case "D": {
          const [upper, lower] = value, own = `∂${upper}/∂${lower}`;
          return has(derivatives, own) ? derivatives[own]
            : `\\frac{\\partial ${names[upper]}}{\\partial ${names[lower]}}`;
        }
        case "at": return `${names[value[0]]}_{${value[1].map(([letter, shift]) =>
          shift ? letter + (shift > 0 ? "+" : "") + shift : letter).join(" ")}}`;
        case "+": case "-": return `${write(a)} ${kind} ${bound(b, 3)}`;
        case "neg": return `- ${bound(a, 3)}`;
        case "*": return `${bound(a, 3)} \\cdot ${bound(b, 4)}`;
        case "/": return `\\frac{${write(a)}}{${write(b)}}`;
        case "^": {
          const base = write(a);
          return `${plain(a, base) ? base : `\\left(${base}\\right)`}^{${write(b)}}`;
        }
        case "sum": return `\\sum_{${value}} ${bound(a, 3)}`;
      }
      const inside = parts.map(write).join(", ");
      if (kind === "exp" && !knows("e")) return `e^{${inside}}`;
      if (kind === "sqrt") return `\\sqrt{${inside}}`;
      if (kind === "abs") return `\\left|${inside}\\right|`;
      const name = knows(kind) ? "operatorname{sigmoid}" : kind === "log" ? "ln" : kind;
      return `\\${name}\\left(${inside}\\right)`;
    }
    return write(node);
  }

  // --- the judge: {verdict, read, left, mistake, hint, where, side, ...} ---
  const near = (a, b, tolerance, scale) =>
    Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b), scale);
  const digits = (number, count) => `${Number(number.toPrecision(count))}`.replaceAll("-", "−");

  function toldApart(...numbers) {
    for (const count of [6, 10, 16]) {
      const [a, b] = numbers.map((number) => digits(number, count));
      if (a !== b || count === 16) return [a, b];
    }
  }

  function judgeFormula(told, text) {
    const letters = { names: told.letters, derivatives: told.derivatives };
    const node = read(text, letters), reply = { read: latex(node, letters) };
    const at = (name, k) => has(told.values, name) ? told.values[name][k] : undefined;
    const values = told.truth.map((_, k) => valueOf(node, (name) => at(name, k)));
    const there = values.flatMap((value, k) => isFinite(value) ? k : []);
    if (2 * there.length < values.length)
      return { ...reply, verdict: "nowhere", hint: told.hint };
    const k = there.find((k) => !near(values[k], told.truth[k], told.tolerance, told.scale));
    if (k === undefined) {
      const left = all(node).find(({ kind, value }) =>
        kind === "D" || kind === "letter" && !told.final.includes(value));
      return left ? { ...reply, verdict: "unfinished", left: latex(left, letters) }
        : { ...reply, verdict: "points", why: told.right };
    }
    const mistake = told.mistakes.find((known) =>
      there.every((k) => near(values[k], known.values[k], 1e-6, told.scale)));
    const where = told.show.map((name) => `${told.letters[name]} = ${at(name, k)}`);
    return { ...reply, verdict: "different", mistake: mistake?.words,
      hint: mistake?.hint || told.hint,
      where: [where, ...toldApart(values[k], told.truth[k])] };
  }

  function judgeNumber(told, text) {
    const node = read(text, { names: {} }), value = valueOf(node);
    if (!isFinite(value)) refuse("value", 0);
    const reply = { read: latex(node, { names: {} }) };
    if (node.kind !== "number") reply.read += ` = ${digits(value, 6).replaceAll("−", "-")}`;
    const fits = (target, { tolerance }) => Math.abs(value - target) <= tolerance;
    const truth = digits(told.truth, 6);
    if (fits(told.truth, told)) return { ...reply, verdict: "right", why: told.right, truth };
    const mistake = told.mistakes.find((known) => fits(known.value, known));
    return { ...reply, verdict: "different", mistake: mistake?.words, truth,
      hint: mistake?.hint || told.hint, side: value > told.truth ? "large" : "small" };
  }

  function judgeChoice(told, number) {
    const { html, right, words } = told.options[number];
    const truth = told.options.find((option) => option.right).html;
    return right ? { verdict: "right", chosen: html, why: words, truth }
      : { verdict: "other", chosen: html, mistake: words, hint: told.hint, truth };
  }

  // A tree as text, in which the order of terms and factors tells nothing.
  function unordered({ kind, value, parts }) {
    const flat = (one) => one.kind === kind ? one.parts.flatMap(flat) : unordered(one);
    if (kind === "D") return `(D ${value.join(" ")})`;
    if (!parts.length) return kind + value;
    const inside = /^[+*]$/.test(kind) ? parts.flatMap(flat).sort() : parts.map(unordered);
    return `(${kind} ${inside.join(" ")})`;
  }

  function judgeLine(told, text, before) {
    const reply = judgeFormula(told, text), names = { names: told.letters };
    if (isWrong(reply)) return reply;
    const line = (text) => unordered(read(text, names));
    if ([told.first, ...before.map(line)].includes(line(text)))
      return { read: reply.read, verdict: "same" };
    return reply.left ? { read: reply.read, verdict: "forward" } : reply;
  }

  // Right is every order in which each line works out a derivative of the one before.
  function judgeOrder(told, text) {
    const places = text.split(",").map(Number), lines = told.lines.map((line, k) => [places[k], line])
      .filter(([place]) => place).sort(([a], [b]) => a - b).map(([, line]) => line);
    const wrong = lines.find(({ words }) => words);
    if (wrong) return { verdict: "other", hint: told.hint,
      mistake: `${maths(wrong.latex).outerHTML}: ${wrong.words}` };
    const fewer = ({ left }, than) => left.length < than.left.length
      && left.every((name) => than.left.includes(name));
    const leads = lines.every((line, k) => !k || fewer(line, lines[k - 1]));
    const missing = told.lines.some((line) => !line.words
      && lines.every((held) => fewer(line, held) || fewer(held, line)));
    return leads && !missing && lines.at(-1)?.left.length === 0 ? { verdict: "right", why: told.right }
      : { verdict: "disorder", hint: told.hint };
  }

  const JUDGES = { formula: judgeFormula, number: judgeNumber, choice: judgeChoice,
    lines: judgeLine, order: judgeOrder };
  const judge = (told, given, before = []) => JUDGES[told.kind](told, given, before);
  const succeeded = ({ verdict }) => verdict === "points" || verdict === "right";
  const isWrong = ({ verdict }) => /^(different|nowhere|other|disorder)$/.test(verdict);

  // --- what is kept, in this browser alone ---
  const KEY = "backprop-exercises", FORMAT = "backprop-answers", VERSION = 1;
  const isObject = (one) => typeof one === "object" && one !== null && !Array.isArray(one);
  const nothing = () => ({ format: FORMAT, version: VERSION, answers: {} });
  let kept = nothing();

  // Answers from JSON; what cannot be read is told by a thrown sentence.
  function understood(text) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      throw "This is no file of answers: it is not JSON.";
    }
    if (!isObject(found) || found.format !== FORMAT || !isObject(found.answers))
      throw "This is no file of answers.";
    if (!(found.version <= VERSION)) throw "These answers are from a newer book.";
    const isText = (one) => typeof one === "string";
    const sound = ([, one]) => isObject(one) && (isText(one.text) || Number.isInteger(one.choice))
      && (!one.lines || Array.isArray(one.lines) && one.lines.every(isText));
    return { ...found, answers: Object.fromEntries(Object.entries(found.answers).filter(sound)) };
  }

  function load() {
    try {
      const text = localStorage.getItem(KEY);
      kept = text ? understood(text) : nothing();
      return true;
    } catch {
      return false; // no storage, or not ours to write over
    }
  }

  // Change what is kept, on top of what other pages have kept meanwhile.
  function keep(change) {
    const ours = load();
    change(kept);
    try {
      if (ours) localStorage.setItem(KEY, JSON.stringify(kept));
    } catch { /* full: the forms work all the same */ }
  }

  // --- a reply on the page; what a reader typed gets there as text alone ---
  function make(tag, attributes, ...inside) {
    const one = Object.assign(document.createElement(tag), attributes);
    one.append(...inside);
    return one;
  }
  const html = (ours) => make("span", { innerHTML: ours });
  const maths = (tex) =>
    make("span", { className: "math notranslate nohighlight" }, `\\(${tex}\\)`);

  let typesetting = Promise.resolve();
  function fill(place, ...inside) {
    const { MathJax } = window;
    MathJax?.typesetClear?.([place]);
    place.replaceChildren(...inside);
    // before MathJax is there: it will find this with the rest of the page
    if (!MathJax?.typesetPromise || !place.querySelector(".math")) return;
    place.ariaBusy = "true";
    typesetting = typesetting.then(() => MathJax.startup.promise)
      .then(() => MathJax.typesetPromise([place])).catch(console.error)
      .then(() => (place.ariaBusy = "false"));
  }

  function sentence(told, reply) {
    const key = told.predict ? succeeded(reply) ? "seen" : "unseen" : reply.verdict;
    const said = make("p", { className: "ask-verdict" }, told.verdicts[key]);
    said.dataset.verdict = told.predict ? "predicted" : reply.verdict;
    if (reply.left) said.append(maths(reply.left), ".");
    return said;
  }

  function terms(told, reply, wrong) {
    const list = make("dl");
    const term = (name, ...words) =>
      list.append(make("dt", {}, name), make("dd", {}, ...words));
    if (reply.read) term("I read", maths(reply.read));
    if (reply.chosen) term("You chose", html(reply.chosen));
    term("Verdict", sentence(told, reply));
    if (told.predict) term("It is", html(reply.truth));
    if (/^(different|other)$/.test(reply.verdict) && !(told.predict && !reply.mistake))
      term("Mistake", html(reply.mistake || told.unknown));
    if (reply.where) {
      const [point, yours, right] = reply.where;
      term("Where they differ", "at ", ...point.flatMap((one, k) => [k ? ", " : "", maths(one)]),
        `: yours is ${yours}, the right one ${right}`);
    }
    if (reply.side && !told.predict) term("Where they differ", `yours is too ${reply.side}`);
    if (reply.why) term("Why", html(reply.why));
    if (wrong > 1 && isWrong(reply) && reply.hint && !told.predict)
      term("Hint", html(reply.hint));
    return list;
  }

  // The place of what cannot be read, and what to type.
  function refusal(told, text, { code, place }) {
    const characters = [...text], rest = characters.slice(place).join("");
    const piece = rest.match(/^(?:\\?[A-Za-z]+(?:_?[A-Za-z0-9]+|_\{[^}]*\})?|.)/su);
    const advice = told.advice[code].replace("{}", () => piece ? piece[0] : "…");
    const from = Math.max(0, place - 60), to = place + 60;
    return [advice, make("p", {}, make("code", { className: "ask-caret" },
      from ? "…" : "", characters.slice(from, place).join(""),
      make("mark", {}, characters[place] ?? "\u00a0"),
      characters.slice(place + 1, to).join(""), characters.length > to ? "…" : ""))];
  }

  const solutionOf = ({ exercise }) => exercise
    && [...document.querySelectorAll(".solution")].find((one) => one.querySelector(
      `.admonition-title a[href$="#${CSS.escape(exercise.toLowerCase())}"]`));
  const open = (solution) => solution.querySelector(".toggle-button-hidden")?.click();

  const base = new URL(document.documentElement.dataset.content_root ?? "./", location);
  const pageOf = (address) => decodeURI(new URL(address, location).href.split("#")[0])
    .slice(decodeURI(base.href).length);

  // --- a form that answers ---
  function answering(form) {
    const told = JSON.parse(form.querySelector("script").textContent);
    const { id, version, kind } = told, isChoice = kind === "choice";
    const place = form.querySelector(".ask-reply"), list = form.querySelector(".ask-lines");
    const field = form.elements.answer, selects = [...form.querySelectorAll("select")];
    const first = list?.firstElementChild;
    const typed = () => field ? field.value : selects.map((one) => one.value).join(",");
    const entry = () => has(kept.answers, id) ? kept.answers[id] : {};
    const mine = () => entry().question === version ? entry() : {};
    const put = (more) => keep(({ answers }) =>
      (answers[id] = { wrong: 0, state: "tried", ...mine(), question: version, ...more }));
    const given = () => isChoice ? { choice: Number(field.value) } : { text: typed() };
    const valid = () => field?.removeAttribute?.("aria-invalid");

    // The lines of a derivation that were accepted.
    const letters = { names: told.letters, derivatives: told.derivatives };
    const showLines = (lines) => list && fill(list, first, ...lines.map((line) =>
      make("li", {}, maths(`= ${latex(read(line, letters), letters)}`))));

    function refused(words, ...more) {
      const said = make("p", { className: "ask-verdict" }, words);
      said.dataset.verdict = "syntax";
      fill(place, said, ...more);
    }

    function answer() {
      const text = typed();
      if (isChoice && !text) return refused("Choose one of them first.");
      if (selects.length && !/\d/.test(text)) return refused("Give a line its place first.");
      load();
      let { wrong = 0, last, first = text, state, lines = [], whole } = mine(), reply;
      if (whole) lines = []; // the next one begins anew
      try {
        reply = judge(told, text, lines);
      } catch (why) {
        if (!why.code) throw why;
        put(given());
        field.setAttribute("aria-invalid", "true");
        return refused(...refusal(told, text, why));
      }
      if (told.predict) state = "predicted";
      else if (isWrong(reply) && last !== text) {
        wrong++;
        last = text;
      }
      if (!told.predict && state !== "done")
        state = succeeded(reply) ? "done" : isWrong(reply) ? "tried" : "unfinished";
      if (list && (reply.verdict === "forward" || succeeded(reply))) {
        lines = [...lines, text];
        showLines(lines);
      }
      put({ ...given(), state, wrong, last, checked: true,
        ...(told.predict && { first }), ...(list && { lines, whole: succeeded(reply) }) });
      keep((all) => (all.at = { page: pageOf(location), id: form.id }));
      const inside = [terms(told, reply, wrong)], solution = solutionOf(told);
      if (told.predict) inside.push(make("p", {}, "Read on: the reason is below."));
      else if (solution && (succeeded(reply) || wrong > 1)) {
        if (succeeded(reply)) open(solution);
        inside.push(make("button", { type: "button", onclick() {
          open(solution);
          solution.tabIndex = -1;
          solution.focus();
        } }, "Show the solution"));
      }
      fill(place, ...inside);
      tick();
    }

    // What was typed comes back, and of the reply its verdict, which has its line.
    function restore() {
      const { text, choice, question, checked, lines = [] } = entry(), same = question === version;
      form.reset();
      valid();
      place.ariaLive = "off";
      fill(place);
      try {
        showLines(same ? lines : []);
      } catch { /* lines of a file that somebody changed by hand */ }
      if (isChoice && told.options[choice]) field.value = choice;
      else if (isChoice || typeof text !== "string") return;
      else if (field) field.value = text;
      else text.split(",").forEach((value, k) => selects[k] && (selects[k].value = value));
      if (!same) return fill(place, "This question has changed since: check again.");
      try {
        const before = lines.filter((line) => line !== text);
        if (checked) fill(place, sentence(told, judge(told, typed(), before)));
      } catch { /* it could not be read then either */ }
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      place.ariaLive = null;
      answer();
    });
    form.addEventListener("input", () => {
      valid();
      if (!isChoice) put({ ...given(), checked: false });
    });
    return { restore, id, version };
  }

  // --- ticks, and what can be done with all answers ---
  const listed = () => globalThis.exercisePages ?? {};
  const isDone = (id) => has(kept.answers, id)
    && /^(done|predicted)$/.test(kept.answers[id].state);

  function tick() {
    for (const link of document.querySelectorAll(".bd-sidebar-primary nav a.internal[href]")) {
      const page = pageOf(link.href), ids = Object.keys(has(listed(), page) ? listed()[page] : {});
      const done = ids.length > 0 && ids.every(isDone);
      link.querySelector(".ask-tick")?.remove();
      if (done) link.append(make("span", { className: "ask-tick" }, make("span",
        { ariaHidden: "true" }, " ✓"), make("span", { className: "ask-heard" }, " done")));
    }
  }

  const forms = [...document.querySelectorAll("form.ask:not([data-kind=code])")]
    .map(answering);
  const restoreAll = () => {
    forms.forEach((form) => form.restore());
    tick();
  };

  function versionOf(id) {
    const here = forms.find((form) => form.id === id);
    return here?.version ?? Object.values(listed()).find((ids) => has(ids, id))?.[id];
  }

  async function readFile(file) {
    if (file.size > 1e6) throw "This file is too large to be one of answers.";
    const { answers, at } = understood(await file.text());
    keep((ours) => {
      for (const [id, theirs] of Object.entries(answers))
        if (!(isDone(id) && theirs.state !== "done")) ours.answers[id] = theirs;
      ours.at ??= at;
    });
    restoreAll();
    const ids = Object.keys(answers), changed = ids.filter((id) =>
      versionOf(id) && versionOf(id) !== answers[id].question);
    return `Read: ${ids.length}. Of these, to be checked again, as their question has `
      + `changed: ${changed.length}.`;
  }

  function saveFile() {
    load();
    const file = new Blob([JSON.stringify(kept, null, 1)], { type: "application/json" });
    const link = make("a", { href: URL.createObjectURL(file), download: `${FORMAT}.json` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    return "Saved to a file.";
  }

  function forget() {
    if (!confirm("Forget all answers to the questions of this book?")) return "";
    try {
      localStorage.removeItem(KEY);
    } catch { /* then there is nothing to forget */ }
    kept = nothing();
    restoreAll();
    return "All is forgotten.";
  }

  for (const bar of document.querySelectorAll(".ask-kept")) {
    const said = bar.querySelector("[role=status]"), chosen = bar.querySelector("input");
    const does = { save: saveFile, forget, read: () => (chosen.click(), "") };
    for (const button of bar.querySelectorAll("button"))
      button.onclick = () => (said.textContent = does[button.dataset.does]());
    chosen.onchange = async () => {
      try {
        said.textContent = await readFile(chosen.files[0]);
      } catch (words) {
        said.textContent = `${words} Nothing was changed.`;
      }
      chosen.value = "";
    };
  }

  // A link may lead into a solution, which is folded.
  function reveal() {
    const at = document.getElementById(location.hash.slice(1));
    const solution = at?.closest(".solution");
    if (solution) open(solution);
    at?.scrollIntoView();
  }
  addEventListener("load", reveal);
  addEventListener("hashchange", reveal);

  load();
  restoreAll();
  for (const place of document.querySelectorAll(".ask-continue")) {
    const { page, id } = kept.at ?? {};
    if (typeof page !== "string" || !has(listed(), page)) continue;
    place.replaceChildren(make("a", { href: `${base}${page}#${id}` }, "Continue where you were"));
  }

  return { read, latex, judge };
})();
