//! The kernel: how much a perturbation weighs by its distance from the customer.

/// The widest kernel, in shares of the spending removed.
pub(super) const WIDEST: f64 = 0.25;

/// The others, from wide to narrow.
pub(super) const NARROWER: [f64; 5] = [0.2, 0.15, 0.12, 0.1, 0.08];

/// The weight of a perturbation: exp(-(distance / width)²), Ribeiro et al. 2016, section 3.4, with distance in money: the
/// share of the spending that is taken away.
pub(super) fn weight(distance: f64, width: f64) -> f64 {
    let widths = distance / width;
    libm::exp(-widths * widths)
}
