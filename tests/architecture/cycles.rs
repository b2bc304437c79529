//! The absence of circles: between files, and between the folders of a crate.

use std::collections::BTreeSet;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::files::{Module, imports};
use crate::workspace::crates;

/// The circles among the imports of a crate, at each folder: there its files and its subfolders are the nodes.
fn circles(edges: &BTreeSet<(Module, Module)>) -> Vec<Vec<String>> {
    let folders: BTreeSet<&[String]> = edges
        .iter()
        .flat_map(|(from, to)| [from, to])
        .flat_map(|module| (0..=module.len()).map(|depth| &module[..depth]))
        .collect();
    folders
        .into_iter()
        .flat_map(|folder| circles_in(folder, edges))
        .collect()
}

fn circles_in(folder: &[String], edges: &BTreeSet<(Module, Module)>) -> Vec<Vec<String>> {
    let node = |module: &'_ Module| -> Option<String> {
        let rest = module.strip_prefix(folder)?;
        // What is written in the folder's own file is a node beside its children.
        Some(rest.first().map_or_else(|| "mod".to_owned(), Clone::clone))
    };
    let named: Vec<(String, String)> = edges
        .iter()
        .filter_map(|(from, to)| Some((node(from)?, node(to)?)))
        .filter(|(from, to)| from != to)
        .collect();
    let mut graph = DiGraphMap::<&str, ()>::new();
    for (from, to) in &named {
        graph.add_edge(from, to, ());
    }
    let prefix = folder.join("/");
    tarjan_scc(&graph)
        .into_iter()
        .filter(|circle| circle.len() > 1)
        .map(|circle| circle.iter().map(|node| format!("{prefix}/{node}")).collect())
        .collect()
}

#[test]
fn imports_form_no_circle_in_any_folder() {
    let mut found = Vec::new();
    for (name, of) in crates() {
        let edges = imports(&of.folder);
        for circle in circles(&edges) {
            let inside = edges.iter().filter(|(from, to)| {
                let touches = |module: &Module| {
                    let module = format!("/{}", module.join("/"));
                    circle.iter().any(|node| module.starts_with(&format!("/{}", node.trim_start_matches('/'))) || node.ends_with("/mod"))
                };
                touches(from) && touches(to)
            });
            let inside: Vec<_> = inside
                .map(|(from, to)| format!("    {} -> {}", from.join("/"), to.join("/")))
                .collect();
            found.push(format!("{name}: {}\n{}", circle.join(", "), inside.join("\n")));
        }
    }
    assert!(
        found.is_empty(),
        "these files import each other in a circle: move what both need into a file below them.\n{}",
        found.join("\n")
    );
}

#[test]
fn a_circle_between_two_files_is_found() {
    let module = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
    let edge = |from, to| (module(from), module(to));
    let open = BTreeSet::from([edge("a/x", "b"), edge("b", "c")]);
    assert!(circles(&open).is_empty());
    let closed = BTreeSet::from([edge("a/x", "b"), edge("b", "a/y")]);
    assert_eq!(circles(&closed).len(), 1);
}
