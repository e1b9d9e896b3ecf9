"""One file for each revision, named after it. A released one is never changed."""
