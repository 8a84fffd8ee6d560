"""What a network looks like: a picture and a table of it, as the content of files. Pure functions of the experiment."""
