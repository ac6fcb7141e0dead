// A module without sources yet still has to be a library.
