/* SPDX-License-Identifier: Apache-2.0 */
/** Objectives computed by plans, and where their records are placed. */
@NullMarked
package org.amend4j.internal.training;

import org.jspecify.annotations.NullMarked;
