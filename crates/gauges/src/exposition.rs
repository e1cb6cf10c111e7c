//! The text that Prometheus reads.

use std::fmt::{Display, Write as _};

use crate::Histogram;

/// The text's media type.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Collects figures as text. Names are `pitwall_…`, with their unit, and `_total` where they only rise.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

impl Exposition {
    /// A figure that only rises: one value for each set of labels.
    pub fn counter<'l>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (&'l [(&'l str, &'l str)], u64)>,
    ) {
        self.head(name, help, "counter");
        for (labels, value) in values {
            self.line(name, "", labels, value);
        }
    }

    /// Seconds that only rise.
    pub fn seconds<'l>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (&'l [(&'l str, &'l str)], f64)>,
    ) {
        self.head(name, help, "counter");
        for (labels, value) in values {
            self.line(name, "", labels, value);
        }
    }

    /// A figure that rises and falls: one value for each set of labels.
    pub fn gauge<'l>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (&'l [(&'l str, &'l str)], f64)>,
    ) {
        self.head(name, help, "gauge");
        for (labels, value) in values {
            self.line(name, "", labels, value);
        }
    }

    /// How long something takes, in seconds: one histogram for each set of labels.
    pub fn histogram<'l>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (&'l [(&'l str, &'l str)], &'l Histogram)>,
    ) {
        self.head(name, help, "histogram");
        for (labels, histogram) in values {
            let mut count = 0;
            for (bound, so_far) in histogram.cumulative() {
                let bound = bound.map_or_else(|| "+Inf".to_owned(), |seconds| seconds.to_string());
                let labels: Vec<(&str, &str)> =
                    labels.iter().copied().chain([("le", bound.as_str())]).collect();
                self.line(name, "_bucket", &labels, so_far);
                count = so_far;
            }
            self.line(name, "_sum", labels, histogram.sum_seconds());
            self.line(name, "_count", labels, count);
        }
    }

    /// The text so far.
    pub fn into_text(self) -> String {
        self.text
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _infallible = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text += name;
        self.text += suffix;
        for (place, (label, text)) in labels.iter().enumerate() {
            let open = if place == 0 { '{' } else { ',' };
            let _infallible = write!(self.text, "{open}{label}=\"{}\"", escaped(text));
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _infallible = writeln!(self.text, " {value}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn figures_are_written_as_prometheus_reads_them() {
        let mut exposition = Exposition::default();
        let labels = [("reason", "too \"large\"\n\\")];
        exposition.counter("pitwall_x_total", "What was x.", [(&labels[..], 7)]);
        exposition.gauge("pitwall_y", "What is y.", [(&[][..], 1.5)]);
        assert_eq!(
            exposition.into_text(),
            "# HELP pitwall_x_total What was x.\n# TYPE pitwall_x_total counter\n\
             pitwall_x_total{reason=\"too \\\"large\\\"\\n\\\\\"} 7\n\
             # HELP pitwall_y What is y.\n# TYPE pitwall_y gauge\npitwall_y 1.5\n"
        );
    }

    #[test]
    fn a_histogram_has_buckets_a_sum_and_a_count() {
        let histogram = Histogram::default();
        histogram.note(Duration::from_millis(3));
        let mut exposition = Exposition::default();
        exposition.histogram("pitwall_z_seconds", "How long z takes.", [(&[("of", "w")][..], &histogram)]);
        let text = exposition.into_text();
        assert!(text.contains("pitwall_z_seconds_bucket{of=\"w\",le=\"0.0025\"} 0\n"), "{text}");
        assert!(text.contains("pitwall_z_seconds_bucket{of=\"w\",le=\"0.005\"} 1\n"), "{text}");
        assert!(text.contains("pitwall_z_seconds_bucket{of=\"w\",le=\"+Inf\"} 1\n"), "{text}");
        assert!(
            text.ends_with("pitwall_z_seconds_sum{of=\"w\"} 0.003\npitwall_z_seconds_count{of=\"w\"} 1\n")
        );
    }
}
