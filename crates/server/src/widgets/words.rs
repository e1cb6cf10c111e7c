//! Figures as cards write them, the same as on the dashboard: money to the cent under $1,000, large counts in
//! short.

/// Micro-dollars.
pub(super) fn money(micros: i64) -> String {
    let sign = if micros < 0 { "\u{2212}" } else { "" };
    let size = micros.unsigned_abs();
    if size > 0 && size < 5_000 {
        return format!("{sign}<$0.01");
    }
    let cents = (size + 5_000) / 10_000;
    if cents < 100_000 {
        return format!("{sign}${}.{:02}", cents / 100, cents % 100);
    }
    format!("{sign}${}", grouped((size + 500_000) / 1_000_000))
}

/// A count, in short from a thousand on: `812`, `12.3k`, `1.2M`.
pub(super) fn brief(count: i64) -> String {
    const UNITS: [(u64, char); 4] =
        [(1_000_000_000_000, 'T'), (1_000_000_000, 'B'), (1_000_000, 'M'), (1_000, 'k')];
    let size = count.unsigned_abs();
    let sign = if count < 0 { "\u{2212}" } else { "" };
    for (index, (unit, letter)) in UNITS.into_iter().enumerate() {
        if size < unit {
            continue;
        }
        let tenths = tenths(size, unit);
        if tenths < 1_000 {
            let rest = tenths % 10;
            let digits = if rest == 0 { String::new() } else { format!(".{rest}") };
            return format!("{sign}{}{digits}{letter}", tenths / 10);
        }
        let whole = (size + unit / 2) / unit;
        // What would read "1000k" is 1M.
        let larger = index.checked_sub(1).and_then(|larger| UNITS.get(larger)).filter(|_| whole == 1_000);
        return match larger {
            Some((_, letter)) => format!("{sign}1{letter}"),
            None => format!("{sign}{whole}{letter}"),
        };
    }
    format!("{sign}{size}")
}

fn tenths(size: u64, unit: u64) -> u64 {
    let exact = u128::from(size) * 10 + u128::from(unit) / 2;
    u64::try_from(exact / u128::from(unit)).unwrap_or(u64::MAX)
}

/// Digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Text as XML holds it; what XML cannot hold is left out.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {}
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_on_the_dashboard() {
        for (micros, text) in [
            (0, "$0.00"),
            (4_999, "<$0.01"),
            (5_000, "$0.01"),
            (12_344_999, "$12.34"),
            (999_994_999, "$999.99"),
            (999_995_000, "$1,000"),
            (1_234_567_890_000, "$1,234,568"),
            (-2_500_000, "\u{2212}$2.50"),
        ] {
            assert_eq!(money(micros), text, "{micros}");
        }
    }

    #[test]
    fn counts_are_short() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1k"),
            (12_345, "12.3k"),
            (99_949, "99.9k"),
            (99_950, "100k"),
            (999_499, "999k"),
            (999_500, "1M"),
            (1_250_000, "1.3M"),
            (3_400_000_000, "3.4B"),
            (-1_500, "\u{2212}1.5k"),
        ] {
            assert_eq!(brief(count), text, "{count}");
        }
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(123), "123");
    }

    #[test]
    fn markup_does_not_get_into_a_picture() {
        assert_eq!(escaped("<a href='x'>&\"\u{7}"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
    }
}
