"""The document: what a person builds, as frozen values and pure functions; knows neither TensorFlow nor files."""
