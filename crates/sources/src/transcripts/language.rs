//! The programming language of a file, by its name's ending.

/// What the client reports for files it knows no language for.
const UNKNOWN: &str = "unknown";

/// The language's name as the client's own telemetry spells it; `unknown` for the rest.
pub(super) fn language_of(path: &str) -> &'static str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    match name {
        "Dockerfile" => return "Dockerfile",
        "Makefile" | "makefile" | "GNUmakefile" => return "Makefile",
        "CMakeLists.txt" => return "CMake",
        _ => {}
    }
    let Some((_, ending)) = name.rsplit_once('.') else { return UNKNOWN };
    match ending.to_ascii_lowercase().as_str() {
        "bash" | "sh" | "zsh" => "Shell",
        "c" | "h" => "C",
        "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" => "C++",
        "clj" | "cljc" | "cljs" => "Clojure",
        "cs" => "C#",
        "css" => "CSS",
        "dart" => "Dart",
        "erl" | "hrl" => "Erlang",
        "ex" | "exs" => "Elixir",
        "fs" | "fsx" => "F#",
        "go" => "Go",
        "gql" | "graphql" => "GraphQL",
        "groovy" | "gradle" => "Groovy",
        "hcl" | "tf" | "tfvars" => "HCL",
        "hs" => "Haskell",
        "htm" | "html" => "HTML",
        "java" => "Java",
        "cjs" | "js" | "jsx" | "mjs" => "JavaScript",
        "jl" => "Julia",
        "json" | "jsonc" => "JSON",
        "kt" | "kts" => "Kotlin",
        "less" => "Less",
        "lua" => "Lua",
        "markdown" | "md" | "mdx" => "Markdown",
        "ml" | "mli" => "OCaml",
        "m" | "mm" => "Objective-C",
        "nix" => "Nix",
        "php" => "PHP",
        "pl" | "pm" => "Perl",
        "proto" => "Protocol Buffer",
        "ps1" | "psm1" => "PowerShell",
        "py" | "pyi" | "pyw" => "Python",
        "r" => "R",
        "rb" => "Ruby",
        "rs" => "Rust",
        "sass" | "scss" => "SCSS",
        "scala" | "sc" => "Scala",
        "sol" => "Solidity",
        "sql" => "SQL",
        "svelte" => "Svelte",
        "swift" => "Swift",
        "toml" => "TOML",
        "cts" | "mts" | "ts" | "tsx" => "TypeScript",
        "vue" => "Vue",
        "xml" => "XML",
        "yaml" | "yml" => "YAML",
        "zig" => "Zig",
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_tell_the_language() {
        for (path, language) in [
            ("/src/a/calc.py", "Python"),
            ("/src/util.ts", "TypeScript"),
            ("lib.rs", "Rust"),
            ("a.go", "Go"),
            ("README.MD", "Markdown"),
            ("C:\\work\\main.rs", "Rust"),
            ("notes.ipynb", "unknown"),
            ("key.txt", "unknown"),
            ("LICENSE", "unknown"),
            ("src.d/py", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(language_of(path), language, "{path}");
        }
    }
}
