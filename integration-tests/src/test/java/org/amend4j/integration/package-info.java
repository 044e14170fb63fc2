/** The library against real models, real data and its peers: TensorFlow.js, libtorch and Hugging Face's safetensors. */
@NullMarked
package org.amend4j.integration;

import org.jspecify.annotations.NullMarked;
