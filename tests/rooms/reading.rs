//! What a file says, read as tokens: the names it uses, the lines that have code. It judges nothing.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// A name that a file uses: a path from the root of its crate, or `a!`, `.a`, `&mut A`.
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// Named by `use`, or a macro or method: even a single word says what is meant then.
    pub(crate) in_use: bool,
}

/// What the tokens of a file say.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) mentions: Vec<Mention>,
    /// The lines that have code on them.
    pub(crate) lines: BTreeSet<usize>,
    /// Where literals begin and end: what looks like a comment in there is none.
    pub(crate) literals: Vec<(usize, usize, usize, usize)>,
    /// Modules that the file declares: the first word of a path may be one of them, not a crate.
    children: BTreeSet<String>,
    /// What `use` made known by a name of its own.
    imports: BTreeMap<String, Vec<String>>,
    module: Vec<String>,
}

impl Reading {
    pub(crate) fn new(file: &str) -> Self {
        let place = file.trim_end_matches(".rs").trim_end_matches("/mod");
        let module = match place {
            "lib" | "main" => Vec::new(),
            _ => place.split('/').map(str::to_owned).collect(),
        };
        Self {
            module,
            ..Self::default()
        }
    }

    fn cover(&mut self, span: Span) {
        self.lines.extend(span.start().line..=span.end().line);
    }

    fn mention(&mut self, path: Vec<String>, line: usize, in_use: bool) {
        self.mentions.push(Mention { path, line, in_use });
    }

    pub(crate) fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some(attribute) = attribute(&tokens[at..]) {
                if attribute.is_test {
                    at += attribute.length + rest_of_item(&tokens[at + attribute.length..]);
                    continue;
                } else if attribute.is_doc {
                    at += attribute.length;
                    continue;
                }
            }
            let before = &tokens[..at];
            at += 1;
            match token {
                TokenTree::Group(group) => {
                    self.cover(group.span_open());
                    self.cover(group.span_close());
                    self.read(group.stream());
                }
                TokenTree::Literal(literal) => {
                    let (start, end) = (literal.span().start(), literal.span().end());
                    self.cover(literal.span());
                    self.literals
                        .push((start.line, start.column, end.line, end.column));
                }
                TokenTree::Punct(punct) => self.cover(punct.span()),
                TokenTree::Ident(word) => {
                    self.cover(word.span());
                    let after = &tokens[at..];
                    match word.to_string().as_str() {
                        "use" if !is_punct(after.first(), '<') => at += self.read_use(after, Vec::new()),
                        "mod" => at += self.read_module(after),
                        _ if is_punct(before.last(), '\'') => {}
                        _ => at += self.read_path(before, &tokens[at - 1..]) - 1,
                    }
                }
            }
        }
    }

    /// `mod name;` or `mod name { … }`; tells how many tokens it took.
    fn read_module(&mut self, after: &[TokenTree]) -> usize {
        let [TokenTree::Ident(name), body, ..] = after else {
            return 0;
        };
        self.cover(name.span());
        self.cover(body.span());
        if self.module.len() < 8 {
            self.children.insert(name.to_string());
        }
        if let TokenTree::Group(group) = body {
            let outside = self.children.clone();
            self.module.push(name.to_string());
            self.read(group.stream());
            self.module.pop();
            self.children = outside;
        }
        2
    }

    /// What follows `use` up to its `;` or `,`: every leaf is a mention. Tells how many tokens it took.
    fn read_use(&mut self, tokens: &[TokenTree], mut path: Vec<String>) -> usize {
        let mut at = 0;
        let mut name = None;
        let mut branched = false;
        while let Some(token) = tokens.get(at) {
            at += 1;
            self.cover(token.span());
            match token {
                TokenTree::Punct(punct) if matches!(punct.as_char(), ';' | ',') => break,
                TokenTree::Punct(punct) if punct.as_char() == '*' => path.push("*".to_owned()),
                TokenTree::Ident(word) if word == "as" => {
                    name = tokens.get(at).map(ToString::to_string);
                    at += 1;
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    branched = true;
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let mut taken = 0;
                    while taken < inner.len() {
                        taken += self.read_use(&inner[taken..], path.clone());
                    }
                }
                _ => {}
            }
        }
        if !branched && let Some(last) = tokens.first() {
            if path.len() > 1 && path.last().is_some_and(|word| word == "self") {
                path.pop();
            }
            let path = self.resolve(path);
            if let Some(name) = name.or_else(|| path.last().cloned()) {
                self.imports.insert(name, path.clone());
            }
            let line = last.span().start().line;
            self.mention(path, line, true);
        }
        at
    }

    /// A path, a macro's name or a method's; tells how many tokens it took, one at least.
    fn read_path(&mut self, before: &[TokenTree], tokens: &[TokenTree]) -> usize {
        let line = tokens[0].span().start().line;
        let mut path = vec![tokens[0].to_string()];
        let mut at = 1;
        while let [
            TokenTree::Punct(one),
            TokenTree::Punct(two),
            TokenTree::Ident(word),
            ..,
        ] = &tokens[at..]
            && (one.as_char(), two.as_char()) == (':', ':')
        {
            self.cover(word.span());
            path.push(word.to_string());
            at += 3;
        }
        let receiver = before.len().checked_sub(2).and_then(|index| before.get(index));
        let next = tokens.get(at);
        if is_punct(before.last(), '.') && !is_punct(receiver, '.') {
            let is_called =
                matches!(next, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
            if is_called || is_punct(next, ':') {
                self.mention(vec![format!(".{}", path[0])], line, true);
            }
            return at;
        }
        let path = self.resolve(path);
        let last = path.last().cloned().unwrap_or_default();
        if is_punct(next, '!') && !is_punct(tokens.get(at + 1), '=') {
            self.mention(vec![format!("{last}!")], line, true);
        }
        if last == "Model" && before.last().is_some_and(|word| word.to_string() == "mut") {
            self.mention(vec!["&mut Model".to_owned()], line, true);
        }
        self.mention(path, line, false);
        at
    }

    /// The path from the root of its crate, where `crate` is what ours is called.
    fn resolve(&self, mut path: Vec<String>) -> Vec<String> {
        let mut root = vec!["crate".to_owned()];
        match path[0].as_str() {
            "crate" => return path,
            "tintype" => path.drain(..1),
            "core" | "alloc" => {
                "std".clone_into(&mut path[0]);
                return path;
            }
            "self" | "super" if path.len() > 1 => {
                let ups = path.iter().filter(|word| *word == "super").count();
                let kept = self.module.len().saturating_sub(ups);
                root.extend(self.module[..kept].iter().cloned());
                let steps = path
                    .iter()
                    .take_while(|word| matches!(word.as_str(), "self" | "super"))
                    .count();
                path.drain(..steps)
            }
            first if self.children.contains(first) && path.len() > 1 => {
                root.extend(self.module.iter().cloned());
                path.drain(..0)
            }
            first => {
                if let Some(import) = self.imports.get(first) {
                    path.splice(..1, import.iter().cloned());
                }
                return path;
            }
        };
        root.append(&mut path);
        root
    }
}

pub(crate) struct AttributeAt {
    pub(crate) length: usize,
    pub(crate) is_test: bool,
    pub(crate) is_doc: bool,
}

/// The attribute that these tokens begin with.
pub(crate) fn attribute(tokens: &[TokenTree]) -> Option<AttributeAt> {
    let inner = usize::from(is_punct(tokens.get(1), '!'));
    let Some(TokenTree::Group(group)) = tokens.get(1 + inner).filter(|_| is_punct(tokens.first(), '#'))
    else {
        return None;
    };
    let text = group.stream().to_string().replace(' ', "");
    Some(AttributeAt {
        length: 2 + inner,
        is_test: inner == 0 && matches!(text.as_str(), "cfg(test)" | "test"),
        is_doc: text.starts_with("doc="),
    })
}

/// How many tokens belong to the item that begins here: to its `;` or its braces.
pub(crate) fn rest_of_item(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is_punct(Some(token), ';'),
    };
    tokens.iter().position(ends).map_or(tokens.len(), |last| last + 1)
}

pub(crate) fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}
