//! What happens to the page, and what follows from it in the browser.

use crate::bytes::Bytes;
use crate::protocol::{Job, Order, Reply, Request};
use crate::relaxed::Wanted;
use crate::sketch::Point;
use crate::view::View;
use crate::{benchmark, dataset, explore, keep, learn, network, search, share, shrink, try_it, understand};

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The page and its worker were started.
    Started,
    /// The user went to a view.
    ViewOpened(View),
    /// The user chose a model of the zoo.
    ZooChosen(usize),
    /// The user opened a model file.
    ModelOpened {
        /// The file's name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The user wants other kernels.
    KernelsChosen(Wanted),
    /// An archive of samples as the model takes them is there. Files as their owners have them are [`dataset::Event::Opened`].
    DataOpened {
        /// The file's name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The user dropped files on the page: models, samples, or both.
    FilesDropped(Vec<dataset::File>),
    /// The user went back to the zoo's samples.
    ZooDataChosen,
    /// The user asked for an evaluation.
    EvaluateAsked,
    /// The user stopped it.
    CancelAsked,
    /// The pen went down.
    PenPressed(Point),
    /// The pen moved, down or not.
    PenMoved(Point),
    /// The pen went up.
    PenLifted,
    /// The user cleared the drawing.
    SketchCleared,
    /// About smaller variants.
    Shrink(shrink::Event),
    /// About why one answers otherwise.
    Understand(understand::Event),
    /// About everything that was tried.
    Explore(explore::Event),
    /// About the search for the best model.
    Search(search::Event),
    /// About the benchmark.
    Benchmark(benchmark::Event),
    /// About trying the model by hand.
    Try(try_it::Event),
    /// About the drawer beside the views.
    Learn(learn::Event),
    /// About the network that is shown.
    Network(network::Event),
    /// About samples of the user's.
    Dataset(dataset::Event),
    /// About work that is kept for the next visit.
    Keep(keep::Event),
    /// About links to experiments.
    Share(share::Event),
    /// Another version of the page is here.
    UpdateReady,
    /// The user wants it now.
    UpdateTaken,
    /// A file of the page arrived, or did not.
    Fetched {
        /// The job that it was for.
        job: Job,
        /// Its bytes, or why there are none.
        result: Result<Vec<u8>, String>,
    },
    /// The worker answered.
    Replied {
        /// What.
        reply: Reply,
        /// The buffers that came with it.
        buffers: Vec<Vec<u8>>,
    },
    /// The worker died.
    WorkerDied(String),
    /// A helper answered, which takes a share of an evaluation.
    Helped {
        /// Its number.
        helper: usize,
        /// What.
        reply: Reply,
    },
    /// A helper died.
    HelperDied {
        /// Its number.
        helper: usize,
        /// What it died of.
        why: String,
    },
    /// The worker that does tasks died.
    WorkshopDied(String),
}

impl From<shrink::Event> for Event {
    fn from(event: shrink::Event) -> Self {
        Event::Shrink(event)
    }
}

impl From<explore::Event> for Event {
    fn from(event: explore::Event) -> Self {
        Event::Explore(event)
    }
}

impl From<search::Event> for Event {
    fn from(event: search::Event) -> Self {
        Event::Search(event)
    }
}

impl From<benchmark::Event> for Event {
    fn from(event: benchmark::Event) -> Self {
        Event::Benchmark(event)
    }
}

impl From<network::Event> for Event {
    fn from(event: network::Event) -> Self {
        Event::Network(event)
    }
}

impl From<dataset::Event> for Event {
    fn from(event: dataset::Event) -> Self {
        Event::Dataset(event)
    }
}

impl From<try_it::Event> for Event {
    fn from(event: try_it::Event) -> Self {
        Event::Try(event)
    }
}

impl From<keep::Event> for Event {
    fn from(event: keep::Event) -> Self {
        Event::Keep(event)
    }
}

impl From<share::Event> for Event {
    fn from(event: share::Event) -> Self {
        Event::Share(event)
    }
}

impl From<learn::Event> for Event {
    fn from(event: learn::Event) -> Self {
        Event::Learn(event)
    }
}

/// What is to be done in the browser.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send to the worker.
    Post {
        /// What.
        request: Request,
        /// The buffers that go with it.
        buffers: Vec<Bytes>,
    },
    /// Fetch a file of the page; answered by [`Event::Fetched`].
    Fetch {
        /// The job that it is for.
        job: Job,
        /// Its path beside the page.
        path: &'static str,
    },
    /// End the worker and start another.
    ReplaceWorker,
    /// Send to a helper of that worker; it is started where there is none.
    Help {
        /// Its number.
        helper: usize,
        /// What.
        request: Request,
        /// The buffers that go with it.
        buffers: Vec<Bytes>,
    },
    /// End a helper, if there is one of that number.
    EndHelper(usize),
    /// Send to the worker that does tasks; it is started where there is none.
    Work {
        /// What.
        order: Order,
        /// The buffers that go with it.
        buffers: Vec<Bytes>,
    },
    /// End the worker that does tasks, whatever it is at.
    StopWork,
    /// Let the sensor go that is on, or turn one on; answered by events of [`try_it`].
    Sense(Option<try_it::Wanted>),
    /// Go to a control: show its view, scroll to it, mark it and give it the focus.
    Reveal(learn::Place),
    /// Delete all that is kept of the user's work, and start the page anew.
    DeleteKept,
    /// Keep all anew, in place of what is kept, whoever kept that.
    ReplaceKept,
    /// Put a link into the address and the clipboard; answered by [`share::Event::Copied`].
    CopyLink {
        /// The address's end, with its `#`.
        hash: String,
    },
    /// Start the page anew in the version that is ready.
    UseUpdate,
    /// Tell the page an event after a while.
    After {
        /// Milliseconds.
        millis: u32,
        /// The event.
        event: Box<Event>,
    },
    /// Hand a file to the user.
    Save {
        /// Its name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Put a text on the clipboard.
    Copy(String),
}
