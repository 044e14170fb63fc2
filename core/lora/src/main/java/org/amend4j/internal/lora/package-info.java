/** Low-rank adapters on an immutable base model: attaching, training, merging, saving. Layer configurations are here too: their class names are in files. */
@NullMarked
package org.amend4j.internal.lora;

import org.jspecify.annotations.NullMarked;
