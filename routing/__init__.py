"""The desk: what the law says happens next. The only room that changes a case."""
