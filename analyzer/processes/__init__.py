"""Worker processes: started, watched, ended with their parent."""
