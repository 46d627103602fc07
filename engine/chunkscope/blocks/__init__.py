"""The only owner of block bytes: the blocks of a run, blocks that outlive their run, and what they weigh."""

from chunkscope.blocks.frames import KINDS, Sheltered, own_frame
from chunkscope.blocks.ledger import LEDGER, Ledger
from chunkscope.blocks.owners import Claim, claim, claims
from chunkscope.blocks.preview import preview
from chunkscope.blocks.protect import describe_block, lend, own, size_of
from chunkscope.blocks.recycle import RECYCLER, empty
from chunkscope.blocks.stored import StoredBlock
from chunkscope.blocks.temporaries import Measured, note

__all__ = [
    "Claim",
    "KINDS",
    "LEDGER",
    "RECYCLER",
    "Ledger",
    "Measured",
    "Sheltered",
    "StoredBlock",
    "claim",
    "claims",
    "describe_block",
    "empty",
    "lend",
    "note",
    "own",
    "own_frame",
    "preview",
    "size_of",
]
