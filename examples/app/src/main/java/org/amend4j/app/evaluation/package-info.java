/* SPDX-License-Identifier: Apache-2.0 */
/** How well a network's answers agree with labels or targets. */
@NullMarked
package org.amend4j.app.evaluation;

import org.jspecify.annotations.NullMarked;
