//! What the store measures of itself.

use gauges::{Counter, Exposition, Gauged, Histogram};

/// What is asked of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// By the writer, for settlement: these go before.
    Lookup,
    /// Figures.
    Figures,
    /// Single lines, or a session's.
    Lines,
    /// What records say.
    Evidence,
    /// Everything else.
    Other,
}

impl Question {
    const ALL: [Self; 5] = [Self::Lookup, Self::Figures, Self::Lines, Self::Evidence, Self::Other];

    const fn label(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Lookup => &[("question", "lookup")],
            Self::Figures => &[("question", "figures")],
            Self::Lines => &[("question", "lines")],
            Self::Evidence => &[("question", "evidence")],
            Self::Other => &[("question", "other")],
        }
    }
}

/// Counts and times since the file was opened.
#[derive(Debug, Default)]
pub struct StoreGauges {
    /// Commits, from the first row to durability.
    pub(crate) commits: Histogram,
    /// Foldings of the write-ahead log into the file.
    pub(crate) checkpoints: Histogram,
    /// Steps of adding up lines.
    pub(crate) sums: Histogram,
    /// In the order of [`Question::ALL`].
    questions: [Histogram; Question::ALL.len()],
    /// Questions that nobody waited for to the end.
    pub(crate) abandoned: Counter,
    /// Lines written.
    pub(crate) lines: Counter,
}

impl StoreGauges {
    pub(crate) fn of(&self, question: Question) -> &Histogram {
        let place = Question::ALL.iter().position(|other| *other == question).unwrap_or(0);
        &self.questions[place]
    }
}

impl Gauged for StoreGauges {
    fn expose(&self, to: &mut Exposition) {
        let none = &[][..];
        to.counter("pitwall_store_lines_total", "Ledger lines written.", [(none, self.lines.get())]);
        to.histogram("pitwall_store_commit_seconds", "How long a commit takes.", [(none, &self.commits)]);
        to.histogram(
            "pitwall_store_checkpoint_seconds",
            "How long folding the write-ahead log into the file takes.",
            [(none, &self.checkpoints)],
        );
        to.histogram(
            "pitwall_store_adding_up_seconds",
            "How long it takes to add up lines for questions, a step at a time.",
            [(none, &self.sums)],
        );
        to.histogram(
            "pitwall_store_question_seconds",
            "How long questions to the store take, once they run.",
            Question::ALL.iter().map(|question| (question.label(), self.of(*question))),
        );
        to.counter(
            "pitwall_store_questions_abandoned_total",
            "Questions that were interrupted because nobody waited for the answer.",
            [(none, self.abandoned.get())],
        );
    }
}
