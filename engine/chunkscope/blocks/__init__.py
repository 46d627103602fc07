"""The only owner of block bytes: the blocks of a run, blocks that outlive their run, and what they weigh."""

from chunkscope.blocks.ledger import LEDGER, Ledger
from chunkscope.blocks.protect import describe_block, lend, own, size_of
from chunkscope.blocks.stored import StoredBlock

__all__ = ["LEDGER", "Ledger", "StoredBlock", "describe_block", "lend", "own", "size_of"]
