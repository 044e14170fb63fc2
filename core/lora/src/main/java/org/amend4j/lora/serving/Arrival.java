/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.function.Supplier;
import org.amend4j.internal.lora.FittedAdapter;

/**
 * An adapter that was loaded, or could not be.
 *
 * @param adapter throws an {@link UnavailableAdapterException} if there is none
 */
record Arrival(String name, Supplier<FittedAdapter> adapter) implements Message {}
