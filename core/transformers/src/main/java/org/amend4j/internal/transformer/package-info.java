/**
 * The layers and vertices of transformers for Deeplearning4j's graphs. Between embedding and head every array is rows [tokens, width],
 * one for each token that a mask keeps, example after example: a linear layer is Deeplearning4j's own dense layer.
 */
@NullMarked
package org.amend4j.internal.transformer;

import org.jspecify.annotations.NullMarked;
