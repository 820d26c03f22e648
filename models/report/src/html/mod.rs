//! One self-contained page for a report: tables and plots, light and dark, nothing loaded from anywhere.
//!
//! - [`Page`], [`Section`]: what is put in.
//! - [`plot`]: the plots, each from numbers to SVG. Every plot has its numbers in a table beside it, for those who cannot
//!   see it and for those who want to copy them.
//! - `palette`: the colours.

pub mod plot;

mod palette;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::table::{Align, Table};
use plot::Plot;

/// A report as a page.
#[derive(Debug)]
pub struct Page {
    /// What is reported on.
    pub title: String,
    /// One or two sentences: what was measured, on what.
    pub summary: Vec<String>,
    /// The parts, in order.
    pub sections: Vec<Section>,
}

/// A part of a page.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// What it shows, and what to make of it.
    pub text: Vec<String>,
    /// Plots, side by side where there is room.
    pub plots: Vec<Plot>,
    /// Tables, each with what it is.
    pub tables: Vec<(String, Table)>,
    /// Texts that are shown as they are, each with what it is: files to copy.
    pub listings: Vec<(String, String)>,
}

impl Section {
    /// An empty part.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), text: Vec::new(), plots: Vec::new(), tables: Vec::new(), listings: Vec::new() }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text.push(text.into());
        self
    }

    /// Adds a plot.
    #[must_use]
    pub fn plot(mut self, plot: Plot) -> Self {
        self.plots.push(plot);
        self
    }

    /// Adds a table.
    #[must_use]
    pub fn table(mut self, caption: impl Into<String>, table: Table) -> Self {
        self.tables.push((caption.into(), table));
        self
    }
}

impl Page {
    /// The page.
    #[must_use]
    pub fn html(&self) -> String {
        // Nothing may be fetched, whatever a model's names contain.
        let policy = "default-src 'none'; style-src 'unsafe-inline'";
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="generator" content=(concat!("mote ", env!("CARGO_PKG_VERSION")));
                    title { (self.title) }
                    style { (PreEscaped(palette::style())) (PreEscaped(include_str!("page.css"))) }
                }
                body {
                    header {
                        h1 { (self.title) }
                        @for text in &self.summary { p { (text) } }
                    }
                    main { @for part in &self.sections { (section(part)) } }
                }
            }
        };
        page.into_string()
    }
}

fn section(part: &Section) -> Markup {
    html! {
        section {
            h2 { (part.title) }
            @for text in &part.text { p { (text) } }
            @if !part.plots.is_empty() {
                div class="plots" { @for plot in &part.plots { (figure(plot)) } }
            }
            @for (caption, content) in &part.tables { (table(caption, content)) }
            @for (caption, text) in &part.listings {
                figure {
                    figcaption { (caption) }
                    pre tabindex="0" { (text) }
                }
            }
        }
    }
}

fn figure(plot: &Plot) -> Markup {
    html! {
        figure {
            figcaption { (plot.title) }
            div role="img" aria-label=(plot.alternative) { (PreEscaped(&plot.svg)) }
        }
    }
}

fn table(caption: &str, table: &Table) -> Markup {
    let class = |align: Align| match align {
        Align::Left | Align::Wrap => "words",
        Align::Right => "number",
    };
    html! {
        // Wide tables scroll by themselves; the keyboard can reach them.
        div class="table" role="region" tabindex="0" aria-label=(caption) {
            table {
                caption { (caption) }
                thead {
                    tr { @for (title, align) in table.columns() { th scope="col" class=(class(*align)) { (title) } } }
                }
                tbody {
                    @for row in table.rows() {
                        tr {
                            @for (k, (cell, (_, align))) in row.iter().zip(table.columns()).enumerate() {
                                @if k == 0 {
                                    th scope="row" class=(class(*align)) { (cell) }
                                } @else {
                                    td class=(class(*align)) { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_files_are_escaped_and_nothing_is_fetched() {
        let evil = "<script>alert(1)</script> & \"x\"";
        let mut numbers = Table::new(&[(evil, Align::Left), ("n", Align::Right)]);
        numbers.row([evil, "1"]);
        let bars = plot::bars::Bars::new(evil, plot::Axis { name: evil, show: |v| v.to_string() });
        let bars = bars.worded(evil, 1.0, evil, plot::Emphasis::Usual);
        let page = Page {
            title: evil.into(),
            summary: vec![evil.into()],
            sections: vec![Section {
                listings: vec![(evil.into(), evil.into())],
                ..Section::new(evil).text(evil).plot(bars.draw()).table(evil, numbers)
            }],
        };
        let html = page.html();
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("& "), "{html}");
        let without_namespace = html.replace("http://www.w3.org/2000/svg", "");
        for word in ["http:", "https:", "src=", "url(", "@import"] {
            assert!(!without_namespace.contains(word), "{word}: {html}");
        }
        assert!(html.contains("<th scope=\"row\" class=\"words\">&lt;script&gt;"), "{html}");
    }
}
