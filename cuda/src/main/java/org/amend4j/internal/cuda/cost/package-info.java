/* SPDX-License-Identifier: Apache-2.0 */
/** What a step takes on a card, counted without one, and the time that a roofline predicts for it. */
@NullMarked
package org.amend4j.internal.cuda.cost;

import org.jspecify.annotations.NullMarked;
