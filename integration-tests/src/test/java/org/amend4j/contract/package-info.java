/** The laws of objectives and adapters, on every backend: ND4J's CPU, the emulated device, a card where there is one. */
@NullMarked
package org.amend4j.contract;

import org.jspecify.annotations.NullMarked;
