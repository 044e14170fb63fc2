/** Weighted combinations of adapters of one base: the exact ones, and PEFT's. */
@NullMarked
package org.amend4j.lora.combine;

import org.jspecify.annotations.NullMarked;
