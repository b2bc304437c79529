//! Types of customers: simulated customers cut down to what other customers, or other banks, have.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rand::{Rng, RngExt};

use super::calendar::DAY;
use super::transaction::{Label, SimulatedTransaction};
use microseg_history::{Booking, Taxonomy};

/// How many transactions a sparse customer has, and in how many days before the end of the history: eight months.
const SPARSE: usize = 60;
const SPARSE_DAYS: i64 = 243;

/// The days of the last simulated year, a leap year.
const YEAR_DAYS: i64 = 366;

/// A type of customer, made from a simulated one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CustomerType {
    /// All transactions, of some forty classes in up to six years.
    AsSimulated,
    /// 60 of the transactions in the last eight months.
    Sparse,
    /// The transactions of the last year.
    OneYear,
    /// The spending alone, under 6 to 11 of its classes: what coarse categories give.
    CoarseClasses,
    /// The spending alone, under 3 of its classes.
    ThreeClasses,
    /// The spending alone, under 2 to 12 of its classes.
    FewClasses,
}

impl CustomerType {
    /// All of them, those with the most transactions and classes first.
    pub const ALL: [Self; 6] = [
        Self::AsSimulated,
        Self::Sparse,
        Self::OneYear,
        Self::CoarseClasses,
        Self::ThreeClasses,
        Self::FewClasses,
    ];

    /// As tables name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AsSimulated => "as simulated",
            Self::Sparse => "sparse: 60 transactions in 8 months",
            Self::OneYear => "one year",
            Self::CoarseClasses => "6 to 11 classes",
            Self::ThreeClasses => "3 classes",
            Self::FewClasses => "2 to 12 classes",
        }
    }

    /// Cuts the transactions of a history that ends at `end` down to this type; classes are those of `taxonomy`.
    pub(super) fn cut<'p>(
        self,
        transactions: Vec<SimulatedTransaction<'p>>,
        end: i64,
        taxonomy: &Taxonomy,
        random: &mut impl Rng,
    ) -> Vec<SimulatedTransaction<'p>> {
        match self {
            Self::AsSimulated => transactions,
            Self::Sparse => {
                let last = since(transactions, end - SPARSE_DAYS * DAY);
                drawn(&last, SPARSE, random)
            }
            Self::OneYear => since(transactions, end - YEAR_DAYS * DAY),
            Self::CoarseClasses => coarse(&transactions, 6..=11, taxonomy, random),
            Self::ThreeClasses => coarse(&transactions, 3..=3, taxonomy, random),
            Self::FewClasses => coarse(&transactions, 2..=12, taxonomy, random),
        }
    }
}

fn since(
    mut transactions: Vec<SimulatedTransaction<'_>>,
    begin: i64,
) -> Vec<SimulatedTransaction<'_>> {
    transactions.retain(|transaction| transaction.second >= begin);
    transactions
}

/// So many of the transactions, any of them alike, in their order.
fn drawn<'p>(
    transactions: &[SimulatedTransaction<'p>],
    count: usize,
    random: &mut impl Rng,
) -> Vec<SimulatedTransaction<'p>> {
    let mut places: Vec<usize> = (0..transactions.len()).collect();
    choose(&mut places, count, random);
    places.truncate(count);
    places.sort_unstable();
    places
        .into_iter()
        .map(|place| transactions[place])
        .collect()
}

/// The spending, with every class under one of as many classes as are drawn from the range; each of these stays itself.
///
/// A transaction that moves to another class takes the label of one of the customer's own there: its code, where these have codes.
fn coarse<'p>(
    transactions: &[SimulatedTransaction<'p>],
    classes: RangeInclusive<usize>,
    taxonomy: &Taxonomy,
    random: &mut impl Rng,
) -> Vec<SimulatedTransaction<'p>> {
    let mut labels: BTreeMap<usize, Vec<Label<'p>>> = BTreeMap::new();
    for transaction in transactions {
        if let Some(class) = spending_class(transaction.label, taxonomy) {
            labels.entry(class).or_default().push(transaction.label);
        }
    }
    let mut kept: Vec<usize> = labels.keys().copied().collect();
    let count = random.random_range(classes).min(kept.len());
    choose(&mut kept, count, random);
    kept.truncate(count);
    let group = |class: &usize| {
        let own = kept.contains(class).then_some(*class);
        own.or_else(|| kept.get(random.random_range(0..kept.len().max(1))).copied())
    };
    let groups: Vec<Option<usize>> = labels.keys().map(group).collect();
    let groups: BTreeMap<usize, usize> = labels
        .keys()
        .zip(groups)
        .filter_map(|(&class, group)| Some((class, group?)))
        .collect();
    let moved = |transaction: &SimulatedTransaction<'p>| {
        let class = spending_class(transaction.label, taxonomy)?;
        let group = *groups.get(&class)?;
        let label = if group == class {
            transaction.label
        } else {
            let labels = labels.get(&group)?;
            labels[random.random_range(0..labels.len())]
        };
        Some(SimulatedTransaction {
            label,
            ..*transaction
        })
    };
    transactions.iter().filter_map(moved).collect()
}

fn spending_class(label: Label<'_>, taxonomy: &Taxonomy) -> Option<usize> {
    let booking = match label {
        Label::Mcc(code) => taxonomy.booking_of_mcc(code),
        Label::Class(name) => taxonomy.booking_of_class(name),
    };
    match booking? {
        Booking::Spending(class) => Some(class.get()),
        Booking::Income(_) => None,
    }
}

/// Brings `count` of the items, any of them alike, to the front.
fn choose<T>(items: &mut [T], count: usize, random: &mut impl Rng) {
    for place in 0..count.min(items.len()) {
        items.swap(place, random.random_range(place..items.len()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Population;

    fn classes(population: &Population, transactions: &[SimulatedTransaction<'_>]) -> usize {
        let of = |one: &SimulatedTransaction<'_>| spending_class(one.label, population.taxonomy());
        let classes: BTreeSet<Option<usize>> = transactions.iter().map(of).collect();
        classes.len()
    }

    #[test]
    fn customers_of_each_type_have_what_its_name_says() {
        let population = Population::new(5).unwrap();
        let end = population.customer(0).transactions.last().unwrap().second;
        for index in 0..40 {
            let of = |kind| {
                let customer = population.customer_of_type(index, kind, population.taxonomy());
                let ordered = customer
                    .transactions
                    .is_sorted_by_key(SimulatedTransaction::second);
                assert!(ordered, "{kind:?}");
                customer.transactions
            };
            assert_eq!(
                of(CustomerType::AsSimulated),
                population.customer(index).transactions
            );
            let sparse = of(CustomerType::Sparse);
            assert!(
                sparse.len() <= SPARSE && sparse.len() > 10,
                "{}",
                sparse.len()
            );
            assert!(
                sparse
                    .iter()
                    .all(|one| one.second > end - (SPARSE_DAYS + 31) * DAY)
            );
            let year = of(CustomerType::OneYear);
            assert!(year.len() >= sparse.len());
            assert!(
                year.iter()
                    .all(|one| one.second > end - (YEAR_DAYS + 31) * DAY)
            );
            assert_eq!(classes(&population, &of(CustomerType::ThreeClasses)), 3);
            let coarse = classes(&population, &of(CustomerType::CoarseClasses));
            assert!((6..=11).contains(&coarse), "{coarse}");
            let few = classes(&population, &of(CustomerType::FewClasses));
            assert!((2..=12).contains(&few), "{few}");
        }
    }

    #[test]
    fn coarse_classes_keep_all_spending_and_few_classes_differ_in_number() {
        let population = Population::new(5).unwrap();
        let taxonomy = population.taxonomy();
        let sum = |transactions: &[SimulatedTransaction<'_>]| {
            let spending = transactions.iter();
            let spending = spending.filter(|one| spending_class(one.label, taxonomy).is_some());
            spending.map(|one| one.cents).sum::<i64>()
        };
        let mut counts = BTreeSet::new();
        for index in 0..40 {
            let all = population.customer(index).transactions;
            let kind = CustomerType::FewClasses;
            let few = population.customer_of_type(index, kind, taxonomy);
            assert_eq!(sum(&few.transactions), sum(&all));
            counts.insert(classes(&population, &few.transactions));
        }
        assert!(counts.len() > 6, "{counts:?}");
    }

    #[test]
    fn same_seed_and_type_give_the_same_customer_and_other_types_others() {
        let population = Population::new(5).unwrap();
        let of = |index, kind| {
            let customer = population.customer_of_type(index, kind, population.taxonomy());
            customer.transactions
        };
        for kind in CustomerType::ALL {
            assert!(of(3, kind) == of(3, kind));
            assert!(of(3, kind) != of(4, kind));
        }
        // Few classes may be three.
        let differs =
            |index| of(index, CustomerType::ThreeClasses) != of(index, CustomerType::FewClasses);
        assert!((0..10).any(differs));
    }

    #[test]
    fn taxonomy_without_the_classes_leaves_no_spending() {
        let population = Population::new(5).unwrap();
        let taxonomy = "class,title,group,mcc,source\nnothing,Nothing,none,0001,ours\n";
        let taxonomy = Taxonomy::from_csv(taxonomy).unwrap();
        let customer = population.customer_of_type(3, CustomerType::ThreeClasses, &taxonomy);
        assert!(customer.transactions.is_empty());
    }
}
