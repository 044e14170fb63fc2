/**
 * Text from decoders of Llama's family and from GPT-2s, token by token: the forward pass with a cache of keys and values, and how the next token is
 * chosen. In plain arrays: a row's numbers do not depend on which rows are computed beside it.
 */
@NullMarked
package org.amend4j.generate;

import org.jspecify.annotations.NullMarked;
