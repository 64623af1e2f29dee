package cli

import (
	"context"
	"strings"

	"navette/internal/admin"
	"navette/internal/directory"
	"navette/internal/frame"
)

type frameCmd struct {
	List    frameListCmd    `cmd:"" help:"Print the consent frames of a school: number, until when, how many agreed, name."`
	Show    frameShowCmd    `cmd:"" help:"Tell of one frame: what it is for, who was asked, what they answered."`
	Search  frameSearchCmd  `cmd:"" help:"Find guardians of a school by their names or a pupil's."`
	Make    frameMakeCmd    `cmd:"" help:"Make a frame, as the head of a school asks for."`
	Propose frameProposeCmd `cmd:"" help:"Ask somebody by mail whether they want to be in a frame; the link holds for 30 days."`
	Paper   framePaperCmd   `cmd:"" help:"Record that somebody agreed on paper; they are told."`
	Remove  frameRemoveCmd  `cmd:"" help:"Take somebody out of a frame."`
	Close   frameCloseCmd   `cmd:"" help:"End a frame before its day."`
}

// Help says what a frame is.
func (frameCmd) Help() string {
	return `A consent frame is a named group of families (« Parents élus au conseil d'administration ») who agreed to be seen by each
other, and by the school, in messages that concern it. Each is asked by a link of their own, or on paper; whoever agreed may
withdraw at any time. A frame ends on the day of the next election.`
}

// frames has a server do an act on frames, and prints what it says.
func (w *where) frames(ctx context.Context, con *console, reason string, act admin.FrameAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Frame(ctx, operator(reason), act) })
}

type frameListCmd struct {
	where
	UAI string `arg:"" name:"uai" help:"The school."`
}

func (cmd *frameListCmd) Run(ctx context.Context, con *console) error {
	return cmd.frames(ctx, con, "", admin.FrameAct{Act: admin.FrameList, New: frame.Frame{UAI: strings.ToUpper(cmd.UAI)}})
}

// frameNumber is the argument that says which frame.
type frameNumber struct {
	Frame int64 `arg:"" help:"Number of the frame."`
}

type frameShowCmd struct {
	where
	frameNumber
}

func (cmd *frameShowCmd) Run(ctx context.Context, con *console) error {
	return cmd.frames(ctx, con, "", admin.FrameAct{Act: admin.FrameShow, ID: cmd.Frame})
}

type frameSearchCmd struct {
	where
	UAI   string   `arg:"" name:"uai" help:"The school."`
	Words []string `arg:"" help:"Beginnings of names, in any order."`
}

func (cmd *frameSearchCmd) Run(ctx context.Context, con *console) error {
	return cmd.frames(ctx, con, "", admin.FrameAct{Act: admin.FrameSearch, New: frame.Frame{UAI: strings.ToUpper(cmd.UAI)}, Words: strings.Join(cmd.Words, " ")})
}

type frameMakeCmd struct {
	where
	UAI     string `arg:"" name:"uai" help:"The school."`
	Name    string `help:"What those who are asked read: « Parents élus… »." required:""`
	Purpose string `help:"What it is for, as they read it." required:""`
	Until   string `help:"The day of the next election." required:"" placeholder:"DD/MM/YYYY"`
	Reason  string `help:"Why, for the journal." required:""`
}

func (cmd *frameMakeCmd) Run(ctx context.Context, con *console) error {
	until, err := directory.ParseDate(cmd.Until)
	if err != nil {
		return usage("--until: %q is no day", cmd.Until)
	}
	return cmd.frames(ctx, con, cmd.Reason, admin.FrameAct{Act: admin.FrameMake,
		New: frame.Frame{UAI: strings.ToUpper(cmd.UAI), Name: cmd.Name, Purpose: cmd.Purpose, Until: until}})
}

// frameMember is who is asked, or has signed.
type frameMember struct {
	frameNumber
	Guardian int64  `help:"Number of a guardian, as search prints it." placeholder:"N"`
	Name     string `help:"Name of somebody whom no AAF export names." placeholder:"NAME"`
	Address  string `help:"Their address." placeholder:"ADDRESS"`
}

func (m frameMember) proposal() frame.Proposal {
	return frame.Proposal{Guardian: m.Guardian, Name: m.Name, Address: m.Address}
}

type frameProposeCmd struct {
	where
	frameMember
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *frameProposeCmd) Run(ctx context.Context, con *console) error {
	return cmd.frames(ctx, con, cmd.Reason, admin.FrameAct{Act: admin.FramePropose, ID: cmd.Frame, Who: cmd.proposal()})
}

type framePaperCmd struct {
	where
	frameMember
	On     string `help:"Day of the signature." required:"" placeholder:"DD/MM/YYYY"`
	Kept   string `help:"Where the paper is kept." required:""`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *framePaperCmd) Run(ctx context.Context, con *console) error {
	on, err := directory.ParseDate(cmd.On)
	if err != nil {
		return usage("--on: %q is no day", cmd.On)
	}
	return cmd.frames(ctx, con, cmd.Reason, admin.FrameAct{Act: admin.FramePaper, ID: cmd.Frame, Who: cmd.proposal(), On: on, Kept: cmd.Kept})
}

type frameRemoveCmd struct {
	where
	frameNumber
	Member int64  `arg:"" help:"Number of the member."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *frameRemoveCmd) Run(ctx context.Context, con *console) error {
	return cmd.frames(ctx, con, cmd.Reason, admin.FrameAct{Act: admin.FrameRemove, ID: cmd.Frame, Member: cmd.Member})
}

type frameCloseCmd struct {
	where
	frameNumber
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *frameCloseCmd) Run(ctx context.Context, con *console) error {
	return cmd.frames(ctx, con, cmd.Reason, admin.FrameAct{Act: admin.FrameClose, ID: cmd.Frame})
}
