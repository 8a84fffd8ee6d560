"""Keras's layers that the catalogue does not have, and why: what a person is told who opens a network that holds one."""

left_out = {
    "CutMix": "it mixes images of a batch and would have to mix their labels alike, which a layer does not see",
    "Equalization": "Keras 3.15 cannot build a network with it: it hands back its own input",
    "MaxNumBoundingBoxes": "it is about boxes around things in images, and there are none here",
    "MixUp": "it mixes images of a batch and would have to mix their labels alike, which a layer does not see",
    "Pipeline": "it is a stack of layers in itself: add those one after the other",
    "RandomCrop": "Keras 3.15 crops in training only, so that images outside it have another size; CenterCrop always crops",
    "FlaxLayer": "it holds a program for JAX, which Wiggle neither runs nor trusts a file to bring along",
    "HashedCrossing": "it takes two whole numbers or texts apart from each other, and there is one input of numbers",
    "Hashing": "it makes numbers of categories out of texts and whole numbers; an Embedding takes such numbers as they are",
    "InputLayer": "it follows from the data",
    "IntegerLookup": "its vocabulary comes from a file or from data of its own; an Embedding looks up numbers from 0",
    "JaxLayer": "it holds a program for JAX, which Wiggle neither runs nor trusts a file to bring along",
    "Lambda": "it holds a function as a program, which could do anything on this computer",
    "Layer": "it is what all layers have in common, and does nothing by itself",
    "StringLookup": "it takes text, and the inputs here are numbers",
    "TextVectorization": "it takes text, and the inputs here are numbers",
    "TFSMLayer": "it holds a program in a folder of its own, which could do anything on this computer",
    "TorchModuleWrapper": "it holds a program for PyTorch, which Wiggle neither runs nor trusts a file to bring along",
    "Wrapper": "it is what all layers around another one have in common, and does nothing by itself",
}
"""Name of Keras's class to the rest of a sentence that begins with it."""
