//! Model card: the sections with every table of the manifest, for people.

use std::fmt::Write as _;

use super::tables::Tables;
use microseg_space::{
    AttractorsDocument, Population, SegmentsDocument, StateFidelity, SurrogateDocument,
};

/// The card's section about the encoding, by how many golden cases have a history.
pub(super) fn encoding(histories: usize) -> String {
    let text = match histories {
        0 => "The encoding is not verified: no golden case has a history, so nothing shows that transactions become what the network was \
            trained on. Cases with raw histories, as `--golden FILE`, show it."
            .to_owned(),
        1 => "The encoding is verified: the history of one golden case became the inputs that came with it.".to_owned(),
        _ => format!(
            "The encoding is verified: the histories of {histories} golden cases became the inputs that came with them."
        ),
    };
    format!("\n## Encoding\n\n{text}\n")
}

/// The card's sections below the text that came with the network.
pub(super) fn sections(outputs: &[String], tables: &Tables) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_population(&mut text, outputs, &tables.population)
        .and_then(|()| write_segments(&mut text, outputs, &tables.segments))
        .and_then(|()| write_comparison(&mut text, &tables.segments))
        .and_then(|()| write_surrogate(&mut text, outputs, &tables.surrogate))
        .and_then(|()| write_recovery(&mut text, &tables.surrogate))
        .and_then(|()| write_attractors(&mut text, outputs, &tables.attractors));
    text
}

type Written = std::fmt::Result;

fn write_population(text: &mut String, outputs: &[String], population: &Population) -> Written {
    let Population {
        customers,
        periods,
        transactions,
        final_outputs,
        ..
    } = population;
    writeln!(
        text,
        "\n## Population\n\nThe tables from here on were derived by `microseg model build` from {customers} customers with {periods} \
         periods and {transactions} transactions.\n\n| output after the last period | mean | standard deviation |\n|---|---|---|"
    )?;
    let spread = final_outputs.mean.iter().zip(&final_outputs.deviation);
    for (name, (mean, deviation)) in outputs.iter().zip(spread) {
        writeln!(text, "| {name} | {mean:.3} | {deviation:.3} |")?;
    }
    Ok(())
}

fn write_segments(text: &mut String, outputs: &[String], segments: &SegmentsDocument) -> Written {
    let rule = &segments.selection;
    writeln!(
        text,
        "\n## Micro-segments\n\n{} customers' final states, in standard deviations, were split by {}: into as many parts, {} to {}, as are \
         found again best in {} resampled populations, as long as their mean adjusted Rand index reaches {} and a group holds {} % of \
         the customers, on at most {} levels. A customer belongs to the leaf whose center is nearest. The leaves as a whole are found \
         again with an adjusted Rand index of {:.3}.\n\nLabels name the traits in which a segment's customers differ most from the \
         population or, on a lower level, from the segment above.\n\n| segment | label | share | stability of its split | {} |",
        segments.customers,
        rule.method,
        rule.parts[0],
        rule.parts[1],
        rule.resamples,
        rule.least_stability,
        100.0 * rule.least_share,
        rule.levels,
        segments.stability,
        outputs.join(" | "),
    )?;
    writeln!(text, "|---|---|---|---|{}", "---|".repeat(outputs.len()))?;
    for segment in &segments.segments {
        writeln!(
            text,
            "| {} | {} | {:.3} | {} |{}",
            segment.id,
            segment.label,
            segment.share,
            optional(segment.split_stability),
            cells(segment.traits.iter().copied()),
        )?;
    }
    Ok(())
}

fn write_comparison(text: &mut String, segments: &SegmentsDocument) -> Written {
    writeln!(
        text,
        "\n### The same rule on other features of the same customers\n\n| features | numbers | parts of the first split | leaves | \
         stability of the first split | stability of the leaves | silhouette | variance between leaves |\n|---|---|---|---|---|---|---|---|"
    )?;
    for row in &segments.comparison {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.3} | {} | {:.3} |",
            row.features,
            row.dimensions,
            row.first_level,
            row.leaves,
            optional(row.first_split_stability),
            row.stability,
            optional(row.silhouette),
            row.explained_variance,
        )?;
    }
    let leaves = |name: &str| {
        let row = segments.comparison.iter().find(|row| row.features == name);
        row.map_or(0, |row| row.leaves)
    };
    let (states, traits) = (leaves("states"), leaves("traits"));
    let others = segments
        .comparison
        .iter()
        .filter(|row| !["states", "traits"].contains(&row.features.as_str()))
        .fold(String::new(), |mut all, row| {
            let _ = write!(all, ", {} from {}", row.leaves, row.features);
            all
        });
    let verdict = match states.cmp(&traits) {
        std::cmp::Ordering::Greater => "holds here as far as the number of leaves goes",
        std::cmp::Ordering::Equal => "neither holds nor fails here",
        std::cmp::Ordering::Less => "does not hold here",
    };
    writeln!(
        text,
        "\nThe papers say that the states of a recurrent network make finer segments than the trait scores, and than a feed-forward \
         network. By this rule there are {states} leaves from the states and {traits} from the scores{others}: against the scores the \
         claim {verdict}. Leaves are cuts that are found again; they need not be gaps between groups of customers, and the silhouette \
         says how much of a gap there is. More leaves hold more of the variance between them in any case."
    )
}

fn write_surrogate(
    text: &mut String,
    outputs: &[String],
    surrogate: &SurrogateDocument,
) -> Written {
    writeln!(
        text,
        "\n## Global surrogate\n\n`s_t = A s_(t-1) + B x_t + c`, least squares on {} customers, judged on {} others ({} of them running \
         freely from a zero state). The spectral radius of A is {:.3}.\n\n| state | R² one step | R² running freely | R² without A | R² \
         one step, where fitted |\n|---|---|---|---|---|",
        surrogate.customers.fitted,
        surrogate.customers.held_out,
        surrogate.customers.free_running,
        surrogate.spectral_radius,
    )?;
    for (dimension, fidelity) in surrogate.fidelity.states.iter().enumerate() {
        let StateFidelity {
            one_step,
            free_running,
            without_memory,
            one_step_fit,
        } = fidelity;
        writeln!(
            text,
            "| state.{dimension} | {one_step:.3} | {free_running:.3} | {without_memory:.3} | {one_step_fit:.3} |"
        )?;
    }
    writeln!(
        text,
        "\nThe outputs from the state by inverse regression, `p_t = D s_t + e`:\n\n| output | R² from the network's state | R² from the \
         freely running surrogate | R² where fitted |\n|---|---|---|---|"
    )?;
    for (name, fidelity) in outputs.iter().zip(&surrogate.fidelity.outputs) {
        writeln!(
            text,
            "| {name} | {:.3} | {:.3} | {:.3} |",
            fidelity.from_state, fidelity.free_running, fidelity.from_state_fit
        )?;
    }
    Ok(())
}

fn write_recovery(text: &mut String, surrogate: &SurrogateDocument) -> Written {
    if !surrogate.recovery.rule.is_empty() {
        writeln!(
            text,
            "\n### What its coefficients have learnt\n\nD B, what a share of a class adds to an output, against the coefficients of \
             `taxonomy.csv`:\n\n| output | coefficients | correlation over all classes |\n|---|---|---|"
        )?;
    }
    for row in &surrogate.recovery.rule {
        writeln!(
            text,
            "| {} | {} | {:.3} |",
            row.output, row.coefficients, row.correlation
        )?;
    }
    if let Some(found) = &surrogate.recovery.relations {
        writeln!(
            text,
            "\nCo-spending that was planted in the simulation and that no coefficient lists, {} pairs of class and output: the effects \
             (coefficient times the class's standard deviation) correlate with the planted ones by {:.3} (ranks {:.3}). Of the quarter \
             with the strongest planted effects {:.0} % have the right sign. Of {} random assignments, this correlation or more is \
             reached with p = {:.4}, taking the pairs as exchangeable.",
            found.relations,
            found.correlation,
            found.rank_correlation,
            100.0 * found.sign_agreement,
            found.permutations,
            found.permutation_p,
        )?;
    }
    Ok(())
}

fn write_attractors(
    text: &mut String,
    outputs: &[String],
    attractors: &AttractorsDocument,
) -> Written {
    let search = &attractors.search;
    writeln!(
        text,
        "\n## Attractors\n\nThe network itself was run on {} held profiles (the mean last profile of the population and of each leaf) \
         from {} memories each; {} of these runs settled within {} periods. A fixed point has ‖f(s) - s‖ < {:e} and a Jacobian with a \
         spectral radius below 1; {} settled points fell short of that. A basin is the share of {} customers whose state, with their \
         own last profile held, comes to rest nearest to the attractor; {:.1} % did not come to rest. Labels and traits are read from \
         the state by inverse regression.\n\n| attractor | label | profile held | basin | residual | spectral radius | {} |",
        search.held_inputs,
        search.starts,
        search.settled,
        search.most_periods,
        search.tolerance,
        search.repelling,
        search.customers,
        100.0 * search.unsettled_share,
        outputs.join(" | "),
    )?;
    writeln!(
        text,
        "|---|---|---|---|---|---|{}",
        "---|".repeat(outputs.len())
    )?;
    for attractor in &attractors.attractors {
        writeln!(
            text,
            "| {} | {} | {} | {:.3} | {:.0e} | {:.3} |{}",
            attractor.id,
            attractor.label,
            attractor.held,
            attractor.basin,
            attractor.residual,
            attractor.spectral_radius,
            cells(attractor.traits.iter().copied()),
        )?;
    }
    Ok(())
}

fn cells(values: impl Iterator<Item = f64>) -> String {
    values.fold(String::new(), |mut row, value| {
        let _ = write!(row, " {value:.3} |");
        row
    })
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}
