//! Numbers as people read them.

/// What is nearer to zero than this is rounding, which differs from one processor to the next.
const ROUNDING: f64 = 1e-12;

/// A whole number as one that can be drawn.
pub(crate) fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// A number with as many decimals as its size asks for.
pub(crate) fn plain(number: f64) -> String {
    let size = number.abs();
    let text = if !number.is_finite() {
        return "not a number".to_owned();
    } else if size < ROUNDING {
        "0".to_owned()
    } else if size < 0.000_05 {
        return "≈ 0".to_owned();
    } else if size < 0.01 {
        format!("{size:.4}")
    } else if size < 10.0 {
        format!("{size:.3}")
    } else if size < 1000.0 {
        format!("{size:.1}")
    } else {
        grouped(size)
    };
    if number <= -ROUNDING {
        format!("−{text}")
    } else {
        text
    }
}

/// A number with its sign.
pub(crate) fn signed(number: f64) -> String {
    let text = plain(number);
    if number >= ROUNDING && !text.starts_with('≈') {
        format!("+{text}")
    } else {
        text
    }
}

/// A tick of an axis: without the zeros at its end.
pub(crate) fn tick(number: f64) -> String {
    let text = format!("{:.4}", number.abs());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if number < 0.0 && text != "0" {
        format!("−{text}")
    } else {
        text.to_owned()
    }
}

/// A part of 1 in per cent.
pub(crate) fn percent(part: f64) -> String {
    let percent = part * 100.0;
    if percent > 0.0 && percent < 0.95 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// A part of 1 in per cent, with its tenths: for parts that are compared.
pub(crate) fn percent_of_tenths(part: f64) -> String {
    let percent = part * 100.0;
    match percent {
        percent if percent > 0.0 && percent < 0.05 => "≈ 0 %".to_owned(),
        percent if percent < 99.95 && percent != 0.0 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}

/// An amount of money without its decimals, with thin spaces between thousands.
pub(crate) fn grouped(amount: f64) -> String {
    let digits = format!("{:.0}", amount.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if amount < 0.0 {
        format!("−{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_decimals_as_their_size_asks_for() {
        assert_eq!(plain(0.117_388), "0.117");
        assert_eq!(plain(-0.000_152), "−0.0002");
        assert_eq!(signed(12.34), "+12.3");
        assert_eq!(signed(1e-9), "≈ 0");
        assert_eq!(
            (plain(-5e-17), signed(5e-17)),
            ("0".to_owned(), "0".to_owned())
        );
        assert_eq!(grouped(1_234_567.4), "1\u{202f}234\u{202f}567");
        assert_eq!(percent(0.0047), "0.5 %");
        assert_eq!(tick(-0.50), "−0.5");
        let shares = [0.0, 0.0002, 0.027_36, 1.0].map(percent_of_tenths);
        assert_eq!(shares, ["0 %", "≈ 0 %", "2.7 %", "100 %"]);
    }
}
