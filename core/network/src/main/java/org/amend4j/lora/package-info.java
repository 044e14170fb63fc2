/** Low-rank adapters on an immutable base model: their configuration, their layers and their files. */
@NullMarked
package org.amend4j.lora;

import org.jspecify.annotations.NullMarked;
