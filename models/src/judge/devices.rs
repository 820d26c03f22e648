//! Boards that models are made for, and whether a model fits one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::size::Size;
use crate::export::micro_planned_bytes;
use crate::graph::Graph;
use crate::run::Description;

/// A board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The name to choose it by.
    pub id: &'static str,
    /// Its full name.
    pub name: &'static str,
    /// Its processor cores.
    pub core: &'static str,
    /// Their highest clock.
    pub mhz: u32,
    /// What kind of machine it is.
    pub kind: Kind,
    /// Bytes of RAM.
    pub ram_bytes: u64,
    /// Where the figures are from.
    pub source: &'static str,
}

/// What kind of machine a board is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Kind {
    /// The model lies in flash beside the program and is interpreted there.
    Microcontroller {
        /// Bytes of flash.
        flash_bytes: u64,
    },
    /// Linux from a memory card, where the `mote` binary runs the guest.
    Linux,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// The boards, small to large.
pub const DEVICES: &[Device] = &[
    Device {
        id: "stm32f446",
        name: "STM32F446RE (Nucleo-F446RE)",
        core: "Cortex-M4F",
        mhz: 180,
        kind: Kind::Microcontroller { flash_bytes: 512 * KIB },
        ram_bytes: 128 * KIB,
        source: "ST, STM32F446xC/E data sheet DS10693",
    },
    Device {
        id: "nano33ble",
        name: "Arduino Nano 33 BLE (nRF52840)",
        core: "Cortex-M4F",
        mhz: 64,
        kind: Kind::Microcontroller { flash_bytes: MIB },
        ram_bytes: 256 * KIB,
        source: "Nordic, nRF52840 product specification; Arduino, ABX00030 data sheet",
    },
    Device {
        id: "pico",
        name: "Raspberry Pi Pico (RP2040)",
        core: "2 x Cortex-M0+",
        mhz: 133,
        kind: Kind::Microcontroller { flash_bytes: 2 * MIB },
        ram_bytes: 264 * KIB,
        source: "Raspberry Pi, RP2040 data sheet and Pico data sheet",
    },
    Device {
        id: "esp32s3",
        name: "ESP32-S3 (ESP32-S3-WROOM-1-N8, without PSRAM)",
        core: "2 x Xtensa LX7",
        mhz: 240,
        kind: Kind::Microcontroller { flash_bytes: 8 * MIB },
        ram_bytes: 512 * KIB,
        source: "Espressif, ESP32-S3 series data sheet; ESP32-S3-WROOM-1 data sheet",
    },
    Device {
        id: "pizero2w",
        name: "Raspberry Pi Zero 2 W",
        core: "4 x Cortex-A53",
        mhz: 1000,
        kind: Kind::Linux,
        ram_bytes: 512 * MIB,
        source: "Raspberry Pi, Zero 2 W product brief",
    },
    Device {
        id: "pi4",
        name: "Raspberry Pi 4 Model B (1 GB)",
        core: "4 x Cortex-A72",
        mhz: 1500,
        kind: Kind::Linux,
        ram_bytes: 1024 * MIB,
        source: "Raspberry Pi, 4 Model B data sheet (1.8 GHz with later firmware and boards)",
    },
    Device {
        id: "pi5",
        name: "Raspberry Pi 5 (2 GB)",
        core: "4 x Cortex-A76",
        mhz: 2400,
        kind: Kind::Linux,
        ram_bytes: 2048 * MIB,
        source: "Raspberry Pi, 5 product brief",
    },
];

/// Flash of an interpreter with the operators of one network, in bytes. tensorflow/tflite-micro's pull request 378 gives 57,820
/// bytes of code for its keyword benchmark, which links only the operators of its network; rounded up.
pub const INTERPRETER_FLASH_BYTES: u64 = 64 * KIB;

/// RAM that an interpreter keeps besides activations, in bytes: so much and [`INTERPRETER_RAM_BYTES_PER_OP`]. Above what
/// TensorFlow Lite Micro takes for each of the models in `runtime/testdata/tflm_arena.csv` (column `tail`), which was measured
/// with 64-bit pointers; those of microcontrollers are half as wide.
pub const INTERPRETER_RAM_BYTES: u64 = KIB;
/// The same for each operator of the model, in bytes.
pub const INTERPRETER_RAM_BYTES_PER_OP: u64 = KIB;

/// RAM of the `mote` process on Linux besides the guest's memory, in bytes: the wasm engine with the compiled guest, rounded up
/// to a power of 2.
pub const PROCESS_RAM_BYTES: u64 = 64 * MIB;

/// Whether a model fits a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// The board's name.
    pub device: String,
    /// Flash for the file and the interpreter, in bytes; none where there is a memory card.
    pub flash_needed: Option<u64>,
    /// RAM for the arena and the interpreter, in bytes. What the program around the model takes is not in it.
    pub ram_needed: u64,
    /// Why it does not fit; empty when it does.
    pub misfits: Vec<Misfit>,
}

/// What a board has too little of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "of")]
pub enum Misfit {
    /// Flash, in bytes.
    Flash {
        /// For the file and the interpreter.
        needed: u64,
        /// What the board has.
        there: u64,
    },
    /// RAM, in bytes.
    Ram {
        /// For the arena and the interpreter.
        needed: u64,
        /// What the board has.
        there: u64,
    },
}

impl Device {
    /// The board of this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        DEVICES.iter().find(|device| device.id == id)
    }

    /// Whether a model fits. Without its graph, what a microcontroller's interpreter makes of its values is taken to be this
    /// runtime's arena, and may be more.
    #[must_use]
    pub fn fit(&self, size: &Size, description: &Description, graph: Option<&Graph>) -> Fit {
        let ops = description.ops.len() as u64;
        let mut misfits = Vec::new();
        let (flash_needed, ram_needed) = match self.kind {
            Kind::Microcontroller { flash_bytes } => {
                let flash = size.file_bytes + INTERPRETER_FLASH_BYTES;
                if flash > flash_bytes {
                    misfits.push(Misfit::Flash { needed: flash, there: flash_bytes });
                }
                let values = size.arena_bytes.max(graph.map_or(0, |graph| micro_planned_bytes(graph) as u64));
                (Some(flash), values + INTERPRETER_RAM_BYTES + ops * INTERPRETER_RAM_BYTES_PER_OP)
            }
            // File, packed weights and arena all lie in the guest's memory.
            Kind::Linux => (None, size.arena_bytes + size.file_bytes + description.weight_bytes + PROCESS_RAM_BYTES),
        };
        if ram_needed > self.ram_bytes {
            misfits.push(Misfit::Ram { needed: ram_needed, there: self.ram_bytes });
        }
        Fit { device: self.name.into(), flash_needed, ram_needed, misfits }
    }
}

impl Fit {
    /// Whether it does.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.misfits.is_empty()
    }
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fits() {
            return write!(f, "fits {}", self.device);
        }
        write!(f, "does not fit {}", self.device)?;
        for (k, misfit) in self.misfits.iter().enumerate() {
            write!(f, "{} {misfit}", if k == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Flash { needed, there } => {
                write!(f, "the file and the interpreter need {needed} bytes of flash, there are {there}")
            }
            Misfit::Ram { needed, there } => {
                write!(f, "the arena and the interpreter need {needed} bytes of RAM, there are {there}")
            }
        }
    }
}
