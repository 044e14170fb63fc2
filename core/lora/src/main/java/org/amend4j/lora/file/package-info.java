/** Adapters as files that PEFT reads, and PEFT's as adapters. */
@NullMarked
package org.amend4j.lora.file;

import org.jspecify.annotations.NullMarked;
