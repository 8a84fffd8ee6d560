"""The layer that Keras lacks. This file's class also goes, as it is, into exported scripts."""

import keras


@keras.saving.register_keras_serializable(package="wiggle")
class Maxout(keras.layers.Layer):  # type: ignore[misc]
    """The greatest of `pieces` weighted sums per unit (Goodfellow et al., 2013): max over j of (x·W + b)[..., unit, j].

    Input (..., inputs), kernel (inputs, units · pieces), bias (units · pieces,), output (..., units).
    """

    def __init__(
        self,
        units: int,
        pieces: int = 2,
        use_bias: bool = True,
        kernel_initializer: str | keras.initializers.Initializer = "glorot_uniform",
        bias_initializer: str | keras.initializers.Initializer = "zeros",
        kernel_regularizer: str | keras.regularizers.Regularizer | None = None,
        bias_regularizer: str | keras.regularizers.Regularizer | None = None,
        **options: object,
    ) -> None:
        super().__init__(**options)
        self.supports_masking = True
        self.units = units
        self.pieces = pieces
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.bias = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        sums = self.units * self.pieces
        self.kernel = self.add_weight(
            shape=(input_shape[-1], sums),
            name="kernel",
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(sums,),
                name="bias",
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
            )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        sums = keras.ops.matmul(inputs, self.kernel)
        if self.use_bias:
            sums = sums + self.bias
        shape = keras.ops.shape(sums)
        return keras.ops.max(keras.ops.reshape(sums, (*shape[:-1], self.units, self.pieces)), axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, object]:
        return {
            **super().get_config(),
            "units": self.units,
            "pieces": self.pieces,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
        }
