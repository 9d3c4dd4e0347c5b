//! What holds for the source and the documents: layers, panics, links, and the tables of rules.

mod repository {
    mod first_page;
    mod layers;
    mod links;
    mod musts;
    mod panics;
}
