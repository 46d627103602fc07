"""Worker processes: started by a fork server, each with a stand-in in this process that takes its place in a run."""
