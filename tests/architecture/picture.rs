//! The picture in docs/architecture.md, drawn from the manifests of the crates.

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;

use petgraph::algo::toposort;
use petgraph::algo::tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure};
use petgraph::graph::DiGraph;
use petgraph::visit::IntoNeighbors as _;

use crate::root;
use crate::workspace::crates;

const BEGIN: &str = "<!-- The crates, written by tests/architecture. -->\n";
const END: &str = "<!-- The end of what is written. -->";

/// The crates as a Mermaid flowchart, then as a table. An arrow that follows from others is left out.
fn picture() -> String {
    let crates = crates();
    let mut graph = DiGraph::<&str, ()>::new();
    let nodes: std::collections::BTreeMap<&str, _> = crates
        .keys()
        .map(|name| (name.as_str(), graph.add_node(name)))
        .collect();
    for (name, of) in &crates {
        for import in &of.imports {
            graph.add_edge(nodes[name.as_str()], nodes[import.as_str()], ());
        }
    }
    let sorted = toposort(&graph, None).unwrap();
    let (list, order) = dag_to_toposorted_adjacency_list::<_, u32>(&graph, &sorted);
    let (reduction, _closure) = dag_transitive_reduction_closure(&list);
    let mut text = "```mermaid\nflowchart TD\n".to_owned();
    let mut arrows: Vec<(&str, &str)> = Vec::new();
    for (from, &place) in sorted
        .iter()
        .map(|node| (graph[*node], &order[node.index()]))
    {
        for to in reduction.neighbors(place) {
            arrows.push((from, graph[sorted[to as usize]]));
        }
    }
    arrows.sort_unstable();
    for (from, to) in arrows {
        writeln!(text, "    {from} --> {to}").unwrap();
    }
    text.push_str("```\n\n| crate | what it is | imports |\n|---|---|---|\n");
    for node in sorted {
        let name = graph[node];
        let of = &crates[name];
        let imports = of.imports.iter().map(|name| format!("`{name}`"));
        let imports = imports.collect::<Vec<_>>().join(", ");
        writeln!(text, "| `{name}` | {} | {imports} |", of.description).unwrap();
    }
    text
}

fn place(document: &str) -> Range<usize> {
    let begin = document.find(BEGIN).unwrap() + BEGIN.len();
    begin..begin + document[begin..].find(END).unwrap()
}

#[test]
fn picture_in_the_document_is_that_of_the_manifests() {
    let path = root().join("docs/architecture.md");
    let mut document = fs::read_to_string(&path).unwrap();
    let place = place(&document);
    if std::env::var_os("WRITE_DOCUMENTS").is_some() {
        document.replace_range(place, &picture());
        fs::write(&path, document).unwrap();
        return;
    }
    assert_eq!(
        document[place],
        picture(),
        "docs/architecture.md is not true any more; write its picture anew with:\n\
         WRITE_DOCUMENTS=1 cargo test --locked --test architecture"
    );
}
