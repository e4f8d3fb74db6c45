// SPDX-License-Identifier: Apache-2.0
/** What a task is made of besides memory and files: registers, signals, timers, limits, credentials. Tracer thread. */
package dev.stasis.kernel.task;
