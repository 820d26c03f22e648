;; Relaxed SIMD in a browser: whether there is any, how its dot product multiplies, and how fast it is. A browser without relaxed
;; SIMD does not validate this module.
(module
  ;; Lane 3 of `i32x4.relaxed_dot_i8x16_i7x16_add_s` for bytes that are all `a` and all `b`, added to nothing.
  (func (export "ask") (param $a i32) (param $b i32) (result i32)
    (i32x4.extract_lane 3
      (i32x4.relaxed_dot_i8x16_i7x16_add_s
        (i8x16.splat (local.get $a)) (i8x16.splat (local.get $b)) (v128.const i32x4 0 0 0 0))))

  ;; 192 multiply-accumulates a turn, for `count` turns, in chains as those of `simd128.wat`.
  (func (export "turns") (param $count i32) (param $seed i32) (result i32)
    (local $w v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $e v128) (local $f v128)
    (local $g v128) (local $h v128) (local $i v128) (local $j v128) (local $k v128) (local $l v128)
    (local.set $w (i8x16.splat (local.get $seed)))
    (local.set $a (i32x4.splat (i32.add (local.get $seed) (i32.const 1))))
    (local.set $b (i32x4.splat (i32.add (local.get $seed) (i32.const 2))))
    (local.set $c (i32x4.splat (i32.add (local.get $seed) (i32.const 3))))
    (local.set $d (i32x4.splat (i32.add (local.get $seed) (i32.const 4))))
    (local.set $e (i32x4.splat (i32.add (local.get $seed) (i32.const 5))))
    (local.set $f (i32x4.splat (i32.add (local.get $seed) (i32.const 6))))
    (local.set $g (i32x4.splat (i32.add (local.get $seed) (i32.const 7))))
    (local.set $h (i32x4.splat (i32.add (local.get $seed) (i32.const 8))))
    (local.set $i (i32x4.splat (i32.add (local.get $seed) (i32.const 9))))
    (local.set $j (i32x4.splat (i32.add (local.get $seed) (i32.const 10))))
    (local.set $k (i32x4.splat (i32.add (local.get $seed) (i32.const 11))))
    (local.set $l (i32x4.splat (i32.add (local.get $seed) (i32.const 12))))
    (loop $turn
      (local.set $a (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $a) (local.get $w) (local.get $a)))
      (local.set $b (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $b) (local.get $w) (local.get $b)))
      (local.set $c (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $c) (local.get $w) (local.get $c)))
      (local.set $d (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $d) (local.get $w) (local.get $d)))
      (local.set $e (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $e) (local.get $w) (local.get $e)))
      (local.set $f (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $f) (local.get $w) (local.get $f)))
      (local.set $g (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $g) (local.get $w) (local.get $g)))
      (local.set $h (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $h) (local.get $w) (local.get $h)))
      (local.set $i (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $i) (local.get $w) (local.get $i)))
      (local.set $j (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $j) (local.get $w) (local.get $j)))
      (local.set $k (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $k) (local.get $w) (local.get $k)))
      (local.set $l (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $l) (local.get $w) (local.get $l)))
      (br_if $turn (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (local.set $a (v128.xor (v128.xor (v128.xor (local.get $a) (local.get $b)) (local.get $c)) (local.get $d)))
    (local.set $e (v128.xor (v128.xor (v128.xor (local.get $e) (local.get $f)) (local.get $g)) (local.get $h)))
    (local.set $i (v128.xor (v128.xor (v128.xor (local.get $i) (local.get $j)) (local.get $k)) (local.get $l)))
    (i32x4.extract_lane 0 (v128.xor (v128.xor (local.get $a) (local.get $e)) (local.get $i)))))
