//! `GET /api/docs`: the description of the API, for people.
//!
//! A page of its own that loads nothing, made once from the same document that `/api/openapi.json` serves.

use std::fmt::Write as _;

use axum::response::{Html, IntoResponse, Response};
use serde_json::{Map, Value};

/// The same description, for people.
#[utoipa::path(
    get,
    path = "/api/docs",
    operation_id = "docs",
    tag = "server",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(crate) fn answer(page: &str) -> Response {
    Html(page.to_owned()).into_response()
}

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8884; --quiet: #767676; --accent: #b4531f; }
@media (prefers-color-scheme: dark) { :root { --quiet: #a0a0a0; --accent: #f0a06a; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 .25rem; font-size: 1.05rem; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
h3 b { color: var(--accent); font-family: ui-monospace, monospace; }
a { color: var(--accent); } a:focus-visible { outline: 2px solid; }
.wide { overflow-x: auto; } p.quiet { color: var(--quiet); margin: .25rem 0; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; color: var(--quiet); border-top: 0; }
td:first-child code { white-space: nowrap; } ul { padding-left: 1.2rem; }
";

/// The page for an OpenAPI document.
pub(crate) fn page_of(document: &Value) -> String {
    let info = &document["info"];
    let (title, version) = (text(&info["title"]), text(&info["version"]));
    let mut body = format!("<h1>{} {}: HTTP API</h1>", escaped(title), escaped(version));
    body += &paragraphs(text(&info["description"]));
    body += "<p>For programs: <a href=\"openapi.json\">openapi.json</a> (OpenAPI 3.1).</p>";
    body += &keys(&document["components"]["securitySchemes"]);
    let mut contents = String::from("<nav aria-label=\"Contents\"><ul>");
    let mut sections = String::new();
    for tag in items(&document["tags"]) {
        let name = text(&tag["name"]);
        let _ = write!(sections, "<h2>{}</h2>{}", capitalised(name), paragraphs(text(&tag["description"])));
        for (path, method, operation) in operations_of(document, name) {
            let id = escaped(text(&operation["operationId"]));
            let _ =
                write!(contents, "<li><a href=\"#{id}\"><code>{method} {}</code></a></li>", escaped(path));
            sections += &operation_section(path, &method, operation);
        }
    }
    body += &contents;
    body += "<li><a href=\"#schemas\">Shapes</a></li></ul></nav><main>";
    body += &sections;
    body += "<h2 id=\"schemas\">Shapes</h2>";
    for (name, schema) in entries(&document["components"]["schemas"]) {
        body += &schema_section(name, schema);
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{} HTTP API</title><style>{STYLE}</style></head><body>{body}</main></body></html>\n",
        escaped(title)
    )
}

fn keys(schemes: &Value) -> String {
    let row = |(name, scheme): (&String, &Value)| {
        let place = match text(&scheme["type"]) {
            "apiKey" => format!("<code>{}: …</code>", escaped(text(&scheme["name"]))),
            _ => "<code>authorization: Bearer …</code>".to_owned(),
        };
        format!(
            "<tr><td><code>{}</code></td><td>{place}</td><td>{}</td></tr>",
            escaped(name),
            inline(text(&scheme["description"]))
        )
    };
    let rows: String = entries(schemes).map(row).collect();
    table("Keys", &["Name", "Sent as", ""], &rows)
}

/// Path, method in capitals, and operation, of those with the tag.
fn operations_of<'a>(document: &'a Value, tag: &str) -> Vec<(&'a str, String, &'a Value)> {
    let methods = entries(&document["paths"]).flat_map(|(path, item)| {
        entries(item).map(move |(method, operation)| (path.as_str(), method.to_uppercase(), operation))
    });
    methods.filter(|(_, _, operation)| items(&operation["tags"]).any(|known| text(known) == tag)).collect()
}

fn operation_section(path: &str, method: &str, operation: &Value) -> String {
    let id = escaped(text(&operation["operationId"]));
    let mut section = format!("<section><h3 id=\"{id}\"><b>{method}</b> <code>{}</code></h3>", escaped(path));
    section += &paragraphs(text(&operation["summary"]));
    section += &paragraphs(text(&operation["description"]));
    let schemes: Vec<&String> =
        items(&operation["security"]).flat_map(|scheme| entries(scheme).map(|(name, _)| name)).collect();
    if !schemes.is_empty() {
        let names: Vec<_> = schemes.iter().map(|name| format!("<code>{}</code>", escaped(name))).collect();
        let _ = write!(section, "<p class=\"quiet\">Key: {}</p>", names.join(" or "));
    }
    let parameter = |parameter: &Value| {
        let needed = if parameter["required"] == true { "required" } else { "optional" };
        format!(
            "<tr><td><code>{}</code></td><td>{}, {}</td><td>{}{}</td></tr>",
            escaped(text(&parameter["name"])),
            escaped(text(&parameter["in"])),
            needed,
            inline(text(&parameter["description"])),
            limits(&parameter["schema"]),
        )
    };
    let parameters: String = items(&operation["parameters"]).map(parameter).collect();
    section += &table("Parameters", &["Name", "Where", ""], &parameters);
    let response = |(status, response): (&String, &Value)| {
        let bodies = entries(&response["content"]).map(|(media_type, content)| {
            format!("<code>{}</code>: {}", escaped(media_type), type_of(&content["schema"]))
        });
        format!(
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            escaped(status),
            inline(text(&response["description"])),
            bodies.collect::<Vec<_>>().join("<br>")
        )
    };
    let responses: String = entries(&operation["responses"]).map(response).collect();
    section += &table("Answers", &["Status", "", "Body"], &responses);
    section + "</section>"
}

fn schema_section(name: &str, schema: &Value) -> String {
    let name = escaped(name);
    let mut section = format!("<section><h3 id=\"schema-{name}\"><code>{name}</code></h3>");
    section += &paragraphs(text(&schema["description"]));
    let mut rows = String::new();
    for part in std::iter::once(schema).chain(items(&schema["allOf"])) {
        if part.get("$ref").is_some() {
            let _ = write!(rows, "<tr><td></td><td>{}</td><td>all of its fields</td></tr>", type_of(part));
        }
        for (field, property) in entries(&part["properties"]) {
            let _ = write!(
                rows,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escaped(field),
                type_of(property),
                inline(text(&property["description"]))
            );
        }
    }
    if rows.is_empty() {
        let _ = write!(section, "<p>{}</p>", type_of(schema));
    }
    section += &table(&name, &["Field", "Type", ""], &rows);
    section + "</section>"
}

/// A type in words, with links to shapes.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    let choices = items(&schema["oneOf"]).chain(items(&schema["anyOf"]));
    let choices: Vec<String> = choices.map(type_of).collect();
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    if schema.get("properties").is_some() {
        let fields = entries(&schema["properties"])
            .map(|(name, property)| format!("<code>{}</code>: {}", escaped(name), type_of(property)));
        return format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "));
    }
    let values: Vec<_> =
        items(&schema["enum"]).map(|value| format!("<code>{}</code>", inline(text(value)))).collect();
    if !values.is_empty() {
        return values.join(", ");
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::Array(names) => names.iter().map(text).collect(),
        name => vec![text(name)],
    };
    let in_words = |name: &str| match name {
        "array" => format!("list of {}", type_of(&schema["items"])),
        "object" if schema.get("additionalProperties").is_some() => {
            format!("map to {}", type_of(&schema["additionalProperties"]))
        }
        "" => "anything".to_owned(),
        name => match text(&schema["format"]) {
            "" => escaped(name),
            format => format!("{} ({})", escaped(name), escaped(format)),
        },
    };
    names.into_iter().map(in_words).collect::<Vec<_>>().join(" or ")
}

/// What a parameter's value may be.
fn limits(schema: &Value) -> String {
    let named =
        [("minimum", "at least"), ("maximum", "at most"), ("default", "default"), ("pattern", "form")];
    let in_words = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let told =
        named.iter().filter_map(|(name, word)| Some(format!("{word} {}", in_words(schema.get(*name)?))));
    let told: Vec<_> = told.map(|limit| escaped(&limit)).collect();
    if told.is_empty() { String::new() } else { format!(" <span>({})</span>", told.join(", ")) }
}

fn table(caption: &str, heads: &[&str], rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    format!("<div class=\"wide\"><table aria-label=\"{caption}\"><tr>{heads}</tr>{rows}</table></div>")
}

fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>", inline(paragraph))).collect()
}

/// Text with what stands between backticks as code.
fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(place, part)| {
        if place % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) }
    });
    parts.collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    escaped(&format!("{first}{}", characters.as_str()))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
