//! How many lines an edit adds and removes, counted as the client counts them.

use std::fmt;
use std::ops::AddAssign;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use super::json::RawText;
use super::lenient::{Object, absent, anything};

/// Two sides whose lengths multiply to more than this are not compared line by line; all their lines then
/// count as changed. Above any edit that a model writes.
const MAX_COMPARED: usize = 4_000_000;

/// Lines added and removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
#[serde(default)]
pub(super) struct ChangedLines {
    pub(super) added: i64,
    pub(super) removed: i64,
}

impl AddAssign for ChangedLines {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.removed += other.removed;
    }
}

impl ChangedLines {
    /// The difference between two texts: every line that is not part of a longest common subsequence.
    pub(super) fn between(old: &str, new: &str) -> Self {
        // Replacing nothing by something makes a file: there was no first, empty line to remove.
        let old: Vec<&str> = if old.is_empty() { Vec::new() } else { old.split('\n').collect() };
        let new: Vec<&str> = new.split('\n').collect();
        let prefix = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
        let (old, new) = (&old[prefix..], &new[prefix..]);
        let suffix = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
        let (old, new) = (&old[..old.len() - suffix], &new[..new.len() - suffix]);
        let common = longest_common_subsequence(old, new);
        Self { added: (new.len() - common) as i64, removed: (old.len() - common) as i64 }
    }
}

fn longest_common_subsequence(old: &[&str], new: &[&str]) -> usize {
    if old.is_empty() || new.is_empty() || old.len().saturating_mul(new.len()) > MAX_COMPARED {
        return 0;
    }
    // One row of the usual table: `row[j]` is the answer for the old lines so far and `new[..j]`.
    let mut row = vec![0; new.len() + 1];
    for old_line in old {
        let mut diagonal = 0;
        for (column, new_line) in new.iter().enumerate() {
            let above = row[column + 1];
            row[column + 1] = if old_line == new_line { diagonal + 1 } else { above.max(row[column]) };
            diagonal = above;
        }
    }
    row[new.len()]
}

/// The hunks of a patch, as `[{"lines": ["+added", "-removed", " kept"]}]`; absent when it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Patch(pub(super) Option<ChangedLines>);

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PatchVisitor;
        impl<'de> Visitor<'de> for PatchVisitor {
            type Value = Patch;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut hunks: A) -> Result<Patch, A::Error> {
                let mut patch = None;
                while let Some(hunk) = hunks.next_element::<Object<Hunk>>()? {
                    *patch.get_or_insert_default() += hunk.0.unwrap_or_default().lines.0;
                }
                Ok(Patch(patch))
            }
            absent!(bool number text null object);
        }
        deserializer.deserialize_any(PatchVisitor)
    }
}

#[derive(Default, DeriveDeserialize)]
#[serde(default)]
struct Hunk {
    lines: HunkLines,
}

#[derive(Default)]
struct HunkLines(ChangedLines);

impl<'de> Deserialize<'de> for HunkLines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HunkLinesVisitor;
        impl<'de> Visitor<'de> for HunkLinesVisitor {
            type Value = HunkLines;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                anything(formatter)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<HunkLines, A::Error> {
                let mut changed = ChangedLines::default();
                while let Some(side) = lines.next_element::<Side>()? {
                    match side {
                        Side::Added => changed.added += 1,
                        Side::Removed => changed.removed += 1,
                        Side::Both => {}
                    }
                }
                Ok(HunkLines(changed))
            }
            absent!(bool number text null object);
        }
        deserializer.deserialize_any(HunkLinesVisitor)
    }
}

/// What the first character of a patch line says.
enum Side {
    Added,
    Removed,
    Both,
}

impl<'de> Deserialize<'de> for Side {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let line = RawText::deserialize(deserializer)?.0.unwrap_or_default();
        Ok(match line.first() {
            Some(b'+') => Self::Added,
            Some(b'-') => Self::Removed,
            _ => Self::Both,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcripts::json::from_bytes;

    #[test]
    fn only_lines_that_differ_count() {
        for (old, new, added, removed) in [
            ("var X = 1", "// X is one.\nvar X = 1", 1, 0),
            (
                "    print('one')\n    return 0",
                "    print('one')\n    print('two')\n    print('three')\n    return 1",
                3,
                1,
            ),
            ("    1\n", "    // one\n    1\n", 1, 0),
            ("a\nb\nc\nd", "a\nc\nb\nd", 1, 1),
            ("a\nb", "", 1, 2),
            ("", "a\nb", 2, 0),
            ("a", "a", 0, 0),
            ("x\na\ny\nb\nz", "1\na\n2\nb\n3", 3, 3),
        ] {
            assert_eq!(
                ChangedLines::between(old, new),
                ChangedLines { added, removed },
                "{old:?} to {new:?}"
            );
        }
    }

    #[test]
    fn very_long_sides_are_not_compared() {
        let old = (0..3_000).map(|line| line.to_string()).collect::<Vec<_>>().join("\n");
        let new = (0..3_000).rev().map(|line| line.to_string()).collect::<Vec<_>>().join("\n");
        assert_eq!(ChangedLines::between(&old, &new), ChangedLines { added: 3_000, removed: 3_000 });
    }

    #[test]
    fn patches_are_added_up_over_hunks() {
        let json = r#"[{"oldStart":1,"lines":[" a","-b","+c","+d","\\ No newline at end of file"]},{"lines":["+e",7]},{}]"#;
        assert_eq!(
            from_bytes::<Patch>(json.as_bytes()).unwrap(),
            Patch(Some(ChangedLines { added: 3, removed: 1 }))
        );
        for nothing in ["[]", "null", "\"+a\"", "{}"] {
            assert_eq!(from_bytes::<Patch>(nothing.as_bytes()).unwrap(), Patch(None), "{nothing}");
        }
    }
}
