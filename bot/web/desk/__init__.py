"""The officer's desk: sign-in, queue, case page and the lawful next steps, as web pages."""
